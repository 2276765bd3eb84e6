#include "base/utf8.h"

#include <doctest/doctest.h>

using namespace xion;

TEST_CASE("every code point survives UTF-8") {
  for (char32_t point = 0; point <= 0x10FFFF; point += 17) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, point);
    REQUIRE(utf8_sequence_length(text) == text.size());
    REQUIRE(from_utf8(text) == std::u32string(1, point));
  }
}

TEST_CASE("what is no character is written as U+FFFD") {
  for (const char32_t point : {0xD800U, 0xDFFFU, 0x110000U}) {
    std::string text;
    append_utf8(text, point);
    CHECK(text == "\xEF\xBF\xBD");
  }
}

TEST_CASE("ill-formed UTF-8 is refused whole") {
  CHECK_FALSE(from_utf8("\xC0\x80"));          // overlong
  CHECK_FALSE(from_utf8("\xE0\x80\x80"));      // overlong
  CHECK_FALSE(from_utf8("\xED\xA0\x80"));      // a surrogate
  CHECK_FALSE(from_utf8("\xF4\x90\x80\x80"));  // above U+10FFFF
  CHECK_FALSE(from_utf8("\xF8\x88\x80\x80\x80"));
  CHECK_FALSE(from_utf8("fine, then \x80"));
  CHECK_FALSE(from_utf8("cut \xE2\x82"));
  CHECK(from_utf8("") == U"");
}

TEST_CASE("a sequence has the length that its first octet says") {
  CHECK(utf8_sequence_length("a€") == 1);
  CHECK(utf8_sequence_length("é") == 2);
  CHECK(utf8_sequence_length("€a") == 3);
  CHECK(utf8_sequence_length("😀") == 4);
  CHECK(utf8_sequence_length("") == 0);
}
