#include "crypto/wrapped_key_ring.h"

#include <algorithm>

#include "base/octets.h"
#include "crypto/sealer.h"

namespace xion {
namespace {

constexpr std::uint8_t format = 1;
/// More than anybody rotates within the life of a request.
constexpr std::uint64_t generations_max = 64;
constexpr std::string_view wrapping_label = "xionid v2 key ring";

void write(OctetWriter& out, const SecretKey& key) { out.raw(key.reveal()); }

void read(OctetReader& in, SecretKey& key) {
  const auto octets = in.raw(SecretKey::size);
  if (octets.size() == SecretKey::size) std::ranges::copy(as_octets(octets), key.octets().begin());
}

}  // namespace

KeyRing ring_of(const MasterKey& master) {
  KeyRing ring;
  ring.phones = subkey(master, "xionid v1 phone fingerprint");
  ring.addresses = subkey(master, "xionid v1 address fingerprint");
  ring.api_keys = subkey(master, "xionid v1 api key hash");
  ring.bodies = subkey(master, "xionid v1 body hash");
  ring.generations.push_back({.from = {},
                              .sealing = subkey(master, "xionid v1 phone sealing"),
                              .codes = subkey(master, "xionid v1 code derivation"),
                              .code_hashes = subkey(master, "xionid v1 code hash")});
  return ring;
}

Digest check_value_of(const MasterKey& master) {
  Digest value{};
  std::ranges::copy(subkey(master, "xionid v1 check value").octets(), value.begin());
  return value;
}

WrappedRing wrap(const KeyRing& ring, const MasterKey& master, Entropy& entropy) {
  std::string plain;
  OctetWriter out(plain);
  for (const SecretKey* key : {&ring.phones, &ring.addresses, &ring.api_keys, &ring.bodies}) write(out, *key);
  out.varint(ring.generations.size());
  for (const KeyGeneration& generation : ring.generations) {
    out.signed_varint(generation.from.time_since_epoch().count());
    for (const SecretKey* key : {&generation.sealing, &generation.codes, &generation.code_hashes}) write(out, *key);
  }
  const Secret wiped(std::move(plain));
  Sealer::Nonce nonce{};
  entropy.fill(nonce);
  Sealer sealer(subkey(master, wrapping_label));
  std::string octets(1, static_cast<char>(format));
  octets += as_text(nonce);
  octets += sealer.seal(nonce, wiped.reveal());
  return {check_value_of(master), std::move(octets)};
}

std::optional<KeyRing> unwrap(std::string_view octets, const MasterKey& master) {
  OctetReader outer(octets);
  if (outer.u8() != format) return std::nullopt;
  Sealer::Nonce nonce{};
  const auto kept_nonce = as_octets(outer.raw(nonce.size()));
  if (outer.failed()) return std::nullopt;
  std::ranges::copy(kept_nonce, nonce.begin());
  const auto plain = Sealer(subkey(master, wrapping_label)).open(nonce, octets.substr(1 + nonce.size()));
  if (!plain) return std::nullopt;

  OctetReader in(plain->reveal());
  KeyRing ring;
  for (SecretKey* key : {&ring.phones, &ring.addresses, &ring.api_keys, &ring.bodies}) read(in, *key);
  const std::uint64_t count = in.varint();
  if (count == 0 || count > generations_max) return std::nullopt;
  for (std::uint64_t n = 0; n < count; ++n) {
    KeyGeneration& generation = ring.generations.emplace_back();
    generation.from = WallTime(Millis(in.signed_varint()));
    for (SecretKey* key : {&generation.sealing, &generation.codes, &generation.code_hashes}) read(in, *key);
  }
  if (in.failed() || !in.at_end()) return std::nullopt;
  return ring;
}

}  // namespace xion
