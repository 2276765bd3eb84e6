#include "crypto/jws_check.h"

#include <doctest/doctest.h>

#include <string>

#include "base/bytes.h"
#include "unit/dashboard/oidc/jose_vectors.h"

namespace xion {
namespace {

const OpenSslSignatureCheck checks;

}  // namespace

TEST_CASE("signatures of RFC 7515 and RFC 7520 are good, and nothing near them is") {
  for (const jose::Vector& vector : jose::vectors()) {
    CAPTURE(vector.source);
    CHECK(checks.is_signed(vector.algorithm, vector.key, vector.content, vector.signature));
    CHECK_FALSE(checks.is_signed(vector.algorithm, vector.key, vector.content + "A", vector.signature));
    for (const std::size_t at : {std::size_t{0}, vector.signature.size() / 2, vector.signature.size() - 1}) {
      std::string other = vector.signature;
      other[at] = static_cast<char>(other[at] ^ 1);
      CHECK_FALSE(checks.is_signed(vector.algorithm, vector.key, vector.content, other));
    }
    for (const std::string& other : {std::string(), vector.signature + '\0', vector.signature.substr(1)})
      CHECK_FALSE(checks.is_signed(vector.algorithm, vector.key, vector.content, other));
  }
}

TEST_CASE("a key signs by the algorithms of its kind alone") {
  for (const jose::Vector& vector : jose::vectors()) {
    for (const auto algorithm : {JwsAlgorithm::rs256, JwsAlgorithm::ps256, JwsAlgorithm::es256}) {
      if (algorithm == vector.algorithm) continue;
      CHECK_FALSE(checks.is_signed(algorithm, vector.key, vector.content, vector.signature));
    }
  }
}

TEST_CASE("what is no key has signed nothing") {
  const jose::Vector& p256 = jose::vectors()[1];
  JwsKey off_the_curve = p256.key;
  off_the_curve.second[5] = static_cast<char>(off_the_curve.second[5] ^ 1);
  for (const JwsKey& key : {off_the_curve, JwsKey{JwsKey::Kind::p256, {}, {}},
                            JwsKey{JwsKey::Kind::p256, std::string(32, '\0'), std::string(32, '\0')}})
    CHECK_FALSE(checks.is_signed(JwsAlgorithm::es256, key, p256.content, p256.signature));
  // r and s of zero. Source: CVE-2022-21449, where they fitted any text.
  CHECK_FALSE(checks.is_signed(JwsAlgorithm::es256, p256.key, p256.content, std::string(64, '\0')));
  const jose::Vector& rsa = jose::vectors()[0];
  for (const JwsKey& key :
       {JwsKey{}, JwsKey{JwsKey::Kind::rsa, "\1", "\1"}, JwsKey{JwsKey::Kind::rsa, rsa.key.first, {}}})
    CHECK_FALSE(checks.is_signed(JwsAlgorithm::rs256, key, rsa.content, rsa.signature));
}

TEST_CASE("a hash is SHA-256's. Source: FIPS 180-4's example") {
  CHECK(hex(checks.sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace xion
