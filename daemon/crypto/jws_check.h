#pragma once
#include "ports/signature_check.h"

namespace xion {

/// OpenSSL's. Stateless.
class OpenSslSignatureCheck final : public SignatureCheck {
 public:
  bool is_signed(JwsAlgorithm algorithm, const JwsKey& key, std::string_view content,
                 std::string_view signature) const override;
  bool is_passkey(std::string_view public_key) const override;
  bool is_signed_by_passkey(std::string_view public_key, std::string_view content,
                            std::string_view signature) const override;
  Digest sha256(std::string_view content) const override;
};

}  // namespace xion
