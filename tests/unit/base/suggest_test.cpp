#include "base/suggest.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace xion;

namespace {
constexpr std::array<std::string_view, 8> keys{"phone",    "ttlSeconds", "codeLength", "attempts", "attempts_allowed",
                                               "data_dir", "window",     "rate"};
}

TEST_CASE("a typo finds the word that was meant") {
  CHECK(closest("phnoe", keys) == "phone");
  CHECK(closest("windw", keys) == "window");
  CHECK(closest("codeLenght", keys) == "codeLength");
  CHECK(closest("ttlSecond", keys) == "ttlSeconds");
}

TEST_CASE("case, dashes and underscores do not hide what was meant") {
  CHECK(closest("ttl_seconds", keys) == "ttlSeconds");
  CHECK(closest("data-dir", keys) == "data_dir");
  CHECK(closest("PHONE", keys) == "phone");
}

TEST_CASE("a nearer word wins over one that only begins alike") {
  CHECK(closest("attempts_alowed", keys) == "attempts_allowed");
}

TEST_CASE("more said than there is, or less, finds the word too") {
  CHECK(closest("phoneNumber", keys) == "phone");
  CHECK(closest("attempts_allowed_per_request", keys) == "attempts");
}

TEST_CASE("a word like no other has no suggestion") {
  CHECK_FALSE(closest("banana", keys));
  CHECK_FALSE(closest("", keys));
  CHECK_FALSE(closest("__", keys));
  CHECK_FALSE(closest("phone", {}));
  CHECK_FALSE(closest(std::string(100'000, 'p'), keys));
}
