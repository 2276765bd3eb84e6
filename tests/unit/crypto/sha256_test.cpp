#include "crypto/sha256.h"

#include <doctest/doctest.h>

using namespace xion;

// Source: FIPS 180-2, appendix B.1, B.2.
TEST_CASE("SHA-256 is what the standard says, whatever pieces the octets come in") {
  Sha256 abc;
  abc.add("abc");
  CHECK(hex(abc.digest()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  Sha256 pieces;
  for (const char octet : std::string_view("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))
    pieces.add({&octet, 1});
  CHECK(hex(pieces.digest()) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
