#include "crypto/wrapped_key_ring.h"

#include <doctest/doctest.h>

#include "base/bytes.h"
#include "crypto/code_vault.h"
#include "crypto/entropy.h"

using namespace xion;

namespace {

MasterKey master_of(char fill) { return MasterKey(std::string(master_key_octets, fill)); }

constexpr WallTime rotated_at = WallTime(Millis{1'700'000'000'000});
constexpr std::array<std::uint8_t, 16> some_salt{1, 2, 3};

OtpId id_at(WallTime at) { return make_otp_id(at, std::array<std::uint8_t, 5>{1, 2, 3, 4, 5}); }

/// The ring of a master key after one rotation at rotated_at.
KeyRing rotated(const MasterKey& old) {
  OpenSslEntropy entropy;
  KeyRing ring = ring_of(old);
  KeyGeneration fresh;
  fresh.from = rotated_at;
  for (SecretKey* key : {&fresh.sealing, &fresh.codes, &fresh.code_hashes}) entropy.fill(key->octets());
  ring.generations.push_back(fresh);
  return ring;
}

bool is_same(const KeyRing& a, const KeyRing& b) {
  const auto is_same_generation = [](const KeyGeneration& x, const KeyGeneration& y) {
    return x.from == y.from && x.sealing == y.sealing && x.codes == y.codes && x.code_hashes == y.code_hashes;
  };
  return a.phones == b.phones && a.addresses == b.addresses && a.api_keys == b.api_keys && a.bodies == b.bodies &&
         std::ranges::equal(a.generations, b.generations, is_same_generation);
}

}  // namespace

TEST_CASE("a wrapped ring is opened by its master key and by no other, and holds every key") {
  OpenSslEntropy entropy;
  const KeyRing ring = rotated(master_of('a'));
  const WrappedRing wrapped = wrap(ring, master_of('b'), entropy);
  CHECK(wrapped.check_value == check_value_of(master_of('b')));
  const auto opened = unwrap(wrapped.octets, master_of('b'));
  REQUIRE(opened.has_value());
  CHECK(is_same(*opened, ring));
  CHECK_FALSE(unwrap(wrapped.octets, master_of('a')).has_value());
  CHECK(wrap(ring, master_of('b'), entropy).octets != wrapped.octets);
}

TEST_CASE("a ring with any octet changed, cut off or added is damaged") {
  OpenSslEntropy entropy;
  const std::string octets = wrap(rotated(master_of('a')), master_of('b'), entropy).octets;
  for (std::size_t at = 0; at < octets.size(); ++at) {
    CAPTURE(at);
    std::string changed = octets;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    CHECK_FALSE(unwrap(changed, master_of('b')).has_value());
    CHECK_FALSE(unwrap(octets.substr(0, at), master_of('b')).has_value());
  }
  CHECK_FALSE(unwrap(octets + "x", master_of('b')).has_value());
}

TEST_CASE("after a rotation names stay, older codes and seals are known, and new ones are made of new keys") {
  OpenSslVault before(master_of('a'));
  OpenSslVault after(master_of('a'));
  after.adopt(rotated(master_of('a')), master_of('b'));
  CHECK(after.phone_fingerprint("+37499123056") == before.phone_fingerprint("+37499123056"));
  CHECK(after.address_fingerprint("192.0.2.1") == before.address_fingerprint("192.0.2.1"));
  CHECK(after.api_key_hash("xk_live_1") == before.api_key_hash("xk_live_1"));
  CHECK(after.body_hash("{}") == before.body_hash("{}"));
  CHECK(after.check_value() == check_value_of(master_of('b')));

  const OtpId old = id_at(rotated_at - Millis{1});
  const OtpId fresh = id_at(rotated_at);
  const Secret code("123456");
  CHECK(after.derive_code(some_salt, old, 0, 10).reveal() == before.derive_code(some_salt, old, 0, 10).reveal());
  CHECK(after.code_hash(some_salt, old, code) == before.code_hash(some_salt, old, code));
  CHECK(after.derive_code(some_salt, fresh, 0, 10).reveal() != before.derive_code(some_salt, fresh, 0, 10).reveal());
  CHECK(after.code_hash(some_salt, fresh, code) != before.code_hash(some_salt, fresh, code));
  CHECK(after.open(old, before.seal(old, "+37499123056"))->reveal() == "+37499123056");
  CHECK_FALSE(before.open(fresh, after.seal(fresh, "+37499123056")).has_value());
}

TEST_CASE("a phone is sealed anew once, and the old keys are needed no more") {
  OpenSslVault vault(master_of('a'));
  const OtpId id = id_at(rotated_at - Millis{1});
  const std::string sealed = vault.seal(id, "+37499123056");
  CHECK_FALSE(vault.resealed(id, sealed).has_value());
  KeyRing ring = rotated(master_of('a'));
  vault.adopt(ring, master_of('b'));
  const auto anew = vault.resealed(id, sealed);
  REQUIRE(anew.has_value());
  CHECK(*anew != sealed);
  CHECK_FALSE(vault.resealed(id, *anew).has_value());
  CHECK_FALSE(vault.resealed(id, "no seal of ours").has_value());
  ring.generations.erase(ring.generations.begin());
  vault.adopt(ring, master_of('b'));
  CHECK(vault.open(id, *anew)->reveal() == "+37499123056");
  CHECK_FALSE(vault.open(id, sealed).has_value());
}
