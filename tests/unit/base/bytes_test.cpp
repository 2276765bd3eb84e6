#include "base/bytes.h"

#include <doctest/doctest.h>

using namespace xion;

TEST_CASE("hexadecimal is lower case, two digits an octet") {
  CHECK(hex(as_octets(std::string_view("\x00\x0f\xff", 3))) == "000fff");
  CHECK(hex({}).empty());
}

TEST_CASE("Crockford base32 gives back what it was made of") {
  for (std::size_t length = 0; length <= 20; ++length) {
    std::string octets;
    for (std::size_t i = 0; i < length; ++i) octets.push_back(static_cast<char>(i * 37 + length));
    const std::string text = crockford32(as_octets(octets));
    CHECK(text.size() == (length * 8 + 4) / 5);
    CHECK(from_crockford32(text) == octets);
  }
}

TEST_CASE("Crockford base32 keeps the order of the octets") {
  CHECK(crockford32(as_octets("aaaaaaaaaa")) < crockford32(as_octets("aaaaaaaaab")));
  CHECK(crockford32(as_octets("azzzzzzzzz")) < crockford32(as_octets("baaaaaaaaa")));
}

TEST_CASE("Crockford base32 is read as people copy it") {
  const auto upper = from_crockford32("01ABCDEFGHJKMNPQ");
  REQUIRE(upper);
  CHECK(from_crockford32("01abcdefghjkmnpq") == upper);
  CHECK(from_crockford32("OIabcdefghjkmnpq") == upper);
  CHECK(from_crockford32("oLabcdefghjkmnpq") == upper);
}

TEST_CASE("what is not Crockford base32 is not read") {
  CHECK_FALSE(from_crockford32("U0"));
  CHECK_FALSE(from_crockford32("0-"));
  CHECK_FALSE(from_crockford32("0"));   // five bits are no octet
  CHECK_FALSE(from_crockford32("01"));  // bits that no encoder leaves
  CHECK(from_crockford32("00") == std::string(1, '\0'));
}

TEST_CASE("octets are equal in constant time when length and content are") {
  CHECK(equal_in_constant_time(as_octets("abc"), as_octets("abc")));
  CHECK(equal_in_constant_time({}, {}));
  CHECK_FALSE(equal_in_constant_time(as_octets("abc"), as_octets("abd")));
  CHECK_FALSE(equal_in_constant_time(as_octets("abc"), as_octets("xbc")));
  CHECK_FALSE(equal_in_constant_time(as_octets("abc"), as_octets("abcd")));
}
