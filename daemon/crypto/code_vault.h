#pragma once
#include <vector>

#include "crypto/sealer.h"
#include "crypto/wrapped_key_ring.h"
#include "ports/vault.h"

namespace xion {

class OpenSslVault final : public Vault {
 public:
  /// Works under the ring that comes from the master key, until another is adopted.
  explicit OpenSslVault(const MasterKey& master);
  Fingerprint phone_fingerprint(std::string_view e164) override;
  Fingerprint address_fingerprint(std::string_view ip) override;
  std::string seal(const OtpId& id, std::string_view text) override;
  std::optional<Secret> open(const OtpId& id, std::string_view sealed) override;
  std::optional<std::string> resealed(const OtpId& id, std::string_view sealed) override;
  Secret derive_code(std::span<const std::uint8_t, 16> salt, const OtpId& id, std::uint8_t generation,
                     std::uint8_t length) override;
  Digest code_hash(std::span<const std::uint8_t, 16> salt, const OtpId& id, const Secret& code) override;
  Digest api_key_hash(std::string_view key) override;
  Digest body_hash(std::string_view text) override;
  Digest sign(const Secret& key, std::string_view content) override;
  Digest check_value() override { return xion::check_value_of(master_); }
  Digest check_value_of(const SecretKey& master) override { return xion::check_value_of(master); }
  const KeyRing& ring() const override { return ring_; }
  const SecretKey& master() const override { return master_; }
  void adopt(const KeyRing& ring, const SecretKey& master) override;
  WrappedRing wrap(const KeyRing& ring, const SecretKey& master, Entropy& entropy) override {
    return xion::wrap(ring, master, entropy);
  }
  std::optional<KeyRing> unwrap(std::string_view octets, const SecretKey& master) override {
    return xion::unwrap(octets, master);
  }

 private:
  /// Contexts of one generation of keys.
  struct Generation {
    explicit Generation(const KeyGeneration& keys)
        : from(keys.from), sealer(keys.sealing), codes(keys.codes), code_hashes(keys.code_hashes) {}
    WallTime from;
    Sealer sealer;
    KeyedHash codes, code_hashes;
  };
  void make_contexts();
  /// The one that a request's codes come from.
  Generation& generation_of(const OtpId& id);

  MasterKey master_;
  KeyRing ring_;
  KeyedHash phones_, addresses_, api_keys_, bodies_;
  std::vector<Generation> generations_;  ///< Newest first.
};

}  // namespace xion
