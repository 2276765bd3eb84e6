#pragma once
#include <openssl/types.h>

#include <initializer_list>
#include <memory>

#include "crypto/master_key.h"
#include "ports/vault.h"

namespace xion {

/// HMAC-SHA256 under one key. The keyed context is made once and begun anew for each message: 0.2 µs instead of 2.6.
class KeyedHash {
 public:
  explicit KeyedHash(const Subkey& key);
  /// Of the parts one behind the other.
  Digest of(std::initializer_list<std::span<const std::uint8_t>> parts);

 private:
  struct Free {
    void operator()(EVP_MAC_CTX* context) const;
  };
  std::unique_ptr<EVP_MAC_CTX, Free> context_;
};

/// AES-256-GCM under one key, each direction with a context of its own that keeps the key schedule.
class Sealer {
 public:
  using Nonce = std::array<std::uint8_t, 12>;
  explicit Sealer(const Subkey& key);
  /// The sealed octets, then a tag of 16.
  std::string seal(const Nonce& nonce, std::string_view plain);
  std::optional<Secret> open(const Nonce& nonce, std::string_view sealed);

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const;
  };
  std::unique_ptr<EVP_CIPHER_CTX, Free> sealing_, opening_;
};

class OpenSslVault final : public Vault {
 public:
  explicit OpenSslVault(const MasterKey& master);
  Fingerprint phone_fingerprint(std::string_view e164) override;
  Fingerprint address_fingerprint(std::string_view ip) override;
  std::string seal_phone(const OtpId& id, std::string_view e164) override;
  std::optional<Secret> open_phone(const OtpId& id, std::string_view sealed) override;
  Secret derive_code(std::span<const std::uint8_t, 16> salt, const OtpId& id, std::uint8_t generation,
                     std::uint8_t length) override;
  Digest code_hash(std::span<const std::uint8_t, 16> salt, const OtpId& id, const Secret& code) override;
  Digest api_key_hash(std::string_view key) override;
  Digest body_hash(std::string_view text) override;
  Digest sign(const Secret& key, std::string_view content) override;
  Digest check_value() override;

 private:
  KeyedHash phones_, addresses_, codes_, code_hashes_, api_keys_, bodies_;
  Sealer phone_sealer_;
  Digest check_value_;
};

}  // namespace xion
