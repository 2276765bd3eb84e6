#include "base/key_pages.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/secret_key.h"

using namespace xion;

TEST_CASE("a key lives in the key pages, and so do its copies") {
  const SecretKey key(std::string(SecretKey::size, 'k'));
  SecretKey copy(key), assigned;
  assigned = key;
  for (const SecretKey* each : std::initializer_list<const SecretKey*>{&key, &copy, &assigned}) {
    CHECK(KeyPages::own().has(each->octets().data()));
    CHECK(each->reveal() == std::string(SecretKey::size, 'k'));
  }
  copy.octets()[0] = 'x';
  CHECK_FALSE(copy == key);
  CHECK(assigned == key);
}

TEST_CASE("what is given back is wiped, and serves whoever comes next") {
  KeyPages& pages = KeyPages::own();
  auto* piece = static_cast<unsigned char*>(pages.allocate(200));
  REQUIRE(pages.room_of(piece) >= 200);
  std::memset(piece, 'k', pages.room_of(piece));
  const std::size_t room = pages.room_of(piece);
  pages.release(piece);
  auto* next = static_cast<unsigned char*>(pages.allocate(200));
  CHECK(next == piece);
  CHECK(std::all_of(next, next + room, [](unsigned char octet) { return octet == 0; }));
  pages.release(next);
}

TEST_CASE("pieces are aligned, apart from each other, and not for what is no key") {
  KeyPages& pages = KeyPages::own();
  CHECK(pages.allocate(KeyPages::piece_limit_octets + 1) == nullptr);
  CHECK_FALSE(pages.has(&pages));
  CHECK_FALSE(pages.has(nullptr));
  std::vector<unsigned char*> pieces;
  for (std::size_t octets = 0; octets <= KeyPages::piece_limit_octets; octets += 61) {
    auto* piece = static_cast<unsigned char*>(pages.allocate(octets));
    REQUIRE(piece != nullptr);
    CHECK(reinterpret_cast<std::uintptr_t>(piece) % 16 == 0);
    CHECK(pages.room_of(piece) >= octets);
    std::memset(piece, static_cast<int>(pieces.size() % 251), octets);
    pieces.push_back(piece);
  }
  for (std::size_t n = 0; n < pieces.size(); ++n) {
    CHECK(std::all_of(pieces[n], pieces[n] + n * 61, [n](unsigned char octet) { return octet == n % 251; }));
    pages.release(pieces[n]);
  }
}
