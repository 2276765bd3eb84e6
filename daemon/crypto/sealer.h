#pragma once
#include <openssl/types.h>

#include <array>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"
#include "base/secret_key.h"

namespace xion {

/// HMAC-SHA256 under one key. The keyed context is made once and begun anew for each message: 0.2 µs instead of 2.6.
class KeyedHash {
 public:
  explicit KeyedHash(const SecretKey& key);
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
  explicit Sealer(const SecretKey& key);
  /// The sealed octets, then a tag of 16.
  std::string seal(const Nonce& nonce, std::string_view plain);
  std::optional<Secret> open(const Nonce& nonce, std::string_view sealed);

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const;
  };
  std::unique_ptr<EVP_CIPHER_CTX, Free> sealing_, opening_;
};

}  // namespace xion
