#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace xion {

/// How a token may be signed. Nothing symmetric and nothing unsigned: who signs is who has the private key.
/// Source: RFC 7518 §3.1.
enum class JwsAlgorithm : std::uint8_t { rs256, ps256, es256 };

/// A public key: of RSA `first` is the modulus and `second` the exponent, of P-256 they are x and y. Big-endian.
struct JwsKey {
  enum class Kind : std::uint8_t { rsa, p256 } kind = Kind::rsa;
  std::string first, second;
  bool operator==(const JwsKey&) const = default;
};

/// What of cryptography a sign-in by somebody else's word needs.
class SignatureCheck {
 public:
  virtual ~SignatureCheck() = default;
  /// False too where the key is none, or of another kind than the algorithm's.
  virtual bool is_signed(JwsAlgorithm algorithm, const JwsKey& key, std::string_view content,
                         std::string_view signature) const = 0;
  /// Of a passkey, by its SubjectPublicKeyInfo: P-256 (ES256, the signature in DER), or RSA of 2,048 to 8,192 bits
  /// (RS256). Source: WebAuthn Level 2 §6.5.6.
  virtual bool is_passkey(std::string_view public_key) const = 0;
  virtual bool is_signed_by_passkey(std::string_view public_key, std::string_view content,
                                    std::string_view signature) const = 0;
  virtual Digest sha256(std::string_view content) const = 0;
};

}  // namespace xion
