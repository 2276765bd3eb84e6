#include "crypto/code_vault.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"

using namespace xion;

namespace {

MasterKey master(char first = 0) {
  std::string octets;
  for (int i = 0; i < 32; ++i) octets.push_back(static_cast<char>(first + i));
  return MasterKey(octets);
}

OtpId id_number(std::uint8_t n) {
  OtpId id;
  for (std::size_t i = 0; i < OtpId::size; ++i) id.octets[i] = static_cast<std::uint8_t>(n + i);
  return id;
}

constexpr std::array<std::uint8_t, 16> salt{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

}  // namespace

TEST_CASE("the data format stands: keyed hashes and codes are what they always were") {
  // Values from an independent implementation (Python's hmac and hashlib). A change here loses every stored record.
  OpenSslVault vault(master());
  CHECK(hex(vault.phone_fingerprint("+37499123056")) == "f341048cdaee6eb17efd1c10bc7da8f8");
  CHECK(hex(vault.address_fingerprint("192.0.2.7")) == "1818feec8a0169558c10236e32ce0255");
  CHECK(hex(vault.code_hash(salt, id_number(1), Secret("123456"))) ==
        "01d302468878d17eb8bc9a6751074a5b3fe886ca9f940424f90425468d7a1db2");
  CHECK(hex(vault.api_key_hash("xk_live_example")) ==
        "c9ed6f6ad2e9d6fdfcebcf16e937a515d1a29b9a11efa5ccf5100e70d9a82647");
  CHECK(hex(vault.body_hash("{}")) == "0a29053108cf35a6ce94a150f6dd38e4cc26c73c450c93986281f1fd42576d45");
  CHECK(hex(vault.check_value()) == "53165e4377d5a8660dfbf5a8c4809c33b966ba7984c8978a6309fb6dc01dd0fd");
  CHECK(vault.derive_code(salt, id_number(1), 0, 6).reveal() == "622586");
  CHECK(vault.derive_code(salt, id_number(1), 3, 10).reveal() == "1406989334");
}

TEST_CASE("the same request and generation always give the same code, any other gives another") {
  OpenSslVault vault(master());
  const auto code = [&](const auto& s, const OtpId& id, std::uint8_t generation) {
    return vault.derive_code(s, id, generation, 10).reveal();
  };
  const std::string first = code(salt, id_number(1), 0);
  CHECK(code(salt, id_number(1), 0) == first);
  CHECK(code(salt, id_number(1), 1) != first);
  CHECK(code(salt, id_number(2), 0) != first);
  CHECK(code(std::array<std::uint8_t, 16>{}, id_number(1), 0) != first);
  OpenSslVault other(master(1));
  CHECK(other.derive_code(salt, id_number(1), 0, 10).reveal() != first);
}

TEST_CASE("a code has the length asked for, and nothing but digits") {
  OpenSslVault vault(master());
  for (std::uint8_t length = 4; length <= 10; ++length) {
    const std::string code = vault.derive_code(salt, id_number(9), 0, length).reveal();
    CHECK(code.size() == length);
    CHECK(code.find_first_not_of("0123456789") == std::string::npos);
  }
}

TEST_CASE("every code of four digits is as likely as any other") {
  OpenSslVault vault(master());
  std::vector<double> count(10'000);
  constexpr std::uint32_t codes = 200'000;
  std::array<std::uint8_t, 16> own{};
  for (std::uint32_t i = 0; i < codes; ++i) {
    for (std::size_t octet = 0; octet < 4; ++octet) own[octet] = static_cast<std::uint8_t>(i >> (8 * octet));
    count[std::stoul(vault.derive_code(own, id_number(1), 0, 4).reveal())] += 1;
  }
  const double expected = codes / 10'000.0;
  double chi_square = 0;
  for (const double n : count) chi_square += (n - expected) * (n - expected) / expected;
  // 9,999 degrees of freedom: mean 9,999, standard deviation 141; six of them either way.
  CHECK(chi_square > 9'999 - 850);
  CHECK(chi_square < 9'999 + 850);
}

TEST_CASE("a sealed phone opens under its own id and key, and under nothing else") {
  OpenSslVault vault(master());
  const std::string sealed = vault.seal(id_number(1), "+37499123056");
  CHECK(sealed.size() == 12 + 16);
  CHECK(sealed.find("99123") == std::string::npos);
  CHECK(vault.open(id_number(1), sealed)->reveal() == "+37499123056");
  CHECK_FALSE(vault.open(id_number(2), sealed));
  OpenSslVault other(master(1));
  CHECK_FALSE(other.open(id_number(1), sealed));
  // And the vault is as good as new after a failure.
  CHECK(vault.open(id_number(1), sealed)->reveal() == "+37499123056");
}

TEST_CASE("a sealed phone that was touched anywhere does not open") {
  OpenSslVault vault(master());
  const std::string sealed = vault.seal(id_number(1), "+37499123056");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string touched = sealed;
    touched[i] = static_cast<char>(touched[i] ^ 1);
    CHECK_FALSE(vault.open(id_number(1), touched));
    CHECK_FALSE(vault.open(id_number(1), sealed.substr(0, i)));
  }
  CHECK_FALSE(vault.open(id_number(1), sealed + "x"));
}

TEST_CASE("one text gets another hash for each use") {
  OpenSslVault vault(master());
  const auto head = [](const auto& digest) { return hex(std::span(digest).first(16)); };
  const std::set<std::string> hashes{head(vault.phone_fingerprint("x")), head(vault.address_fingerprint("x")),
                                     head(vault.api_key_hash("x")), head(vault.body_hash("x"))};
  CHECK(hashes.size() == 4);
}

TEST_CASE("the check value tells master keys apart") {
  CHECK(OpenSslVault(master()).check_value() == OpenSslVault(master()).check_value());
  CHECK(OpenSslVault(master()).check_value() != OpenSslVault(master(1)).check_value());
}
