#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"
#include "core/otp/otp.h"
#include "ports/key_ring.h"
#include "ports/loop.h"

namespace xion {

/// Every keyed operation, under keys that HKDF makes from the one master key. Not thread-safe: one for each thread.
class Vault {
 public:
  virtual ~Vault() = default;
  virtual Fingerprint phone_fingerprint(std::string_view e164) = 0;
  virtual Fingerprint address_fingerprint(std::string_view ip) = 0;
  /// AES-256-GCM with a nonce from the id, so one text an id: a phone under its request's, a code that the caller
  /// brought and a webhook's secret each under one drawn for it.
  virtual std::string seal(const OtpId& id, std::string_view text) = 0;
  /// Nothing where the octets were not sealed under this id and key.
  virtual std::optional<Secret> open(const OtpId& id, std::string_view sealed) = 0;
  /// The code of a request's generation: unbiased digits of HMAC-SHA256(derivation key, salt ‖ id ‖ generation ‖
  /// counter).
  virtual Secret derive_code(std::span<const std::uint8_t, 16> salt, const OtpId& id, std::uint8_t generation,
                             std::uint8_t length) = 0;
  /// HMAC-SHA256(hash key, salt ‖ id ‖ code): what is kept of a code.
  virtual Digest code_hash(std::span<const std::uint8_t, 16> salt, const OtpId& id, const Secret& code) = 0;
  /// What is kept of an API key.
  virtual Digest api_key_hash(std::string_view key) = 0;
  /// What is kept of a request body, to tell whether an Idempotency-Key is used for the same one.
  virtual Digest body_hash(std::string_view text) = 0;
  /// HMAC-SHA256 under somebody else's key: what signs a webhook.
  virtual Digest sign(const Secret& key, std::string_view content) = 0;
  /// Says whether a data file was made under the same master key.
  virtual Digest check_value() = 0;
  /// What another master key would have.
  virtual Digest check_value_of(const SecretKey& master) = 0;

  /// The keys in use, and the master key that they are kept under.
  virtual const KeyRing& ring() const = 0;
  virtual const SecretKey& master() const = 0;
  /// Works under this ring from now on.
  virtual void adopt(const KeyRing& ring, const SecretKey& master) = 0;
  /// A ring as it is kept in the data file, for whoever has the master key.
  virtual WrappedRing wrap(const KeyRing& ring, const SecretKey& master, Entropy& entropy) = 0;
  /// What `wrap` wrapped; nothing where it was for another master key, or is damaged.
  virtual std::optional<KeyRing> unwrap(std::string_view octets, const SecretKey& master) = 0;
  /// What `seal` sealed under older keys, under the newest; nothing where it is, or can't be opened.
  virtual std::optional<std::string> resealed(const OtpId& id, std::string_view sealed) = 0;
};

}  // namespace xion
