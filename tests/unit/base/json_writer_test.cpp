#include "base/json_writer.h"

#include <doctest/doctest.h>

#include <limits>

using namespace xion;

TEST_CASE("objects and arrays are written with commas between, and only there") {
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "pending").key("sends").begin_array();
  json.value(1).value(std::uint64_t{2}).begin_object().end_object().null().end_array().field("ratio", 0.5).end_object();
  CHECK(json.str() == R"({"ok":true,"status":"pending","sends":[1,2,{},null],"ratio":0.5})");
}

TEST_CASE("text is escaped as RFC 8259 asks") {
  JsonWriter json;
  json.value(std::string("a\"b\\c\nd\te\x01") + '\0');
  CHECK(json.str() == "\"a\\\"b\\\\c\\nd\\u0009e\\u0001\\u0000\"");
}

TEST_CASE("text outside ASCII stays as it is") {
  JsonWriter json;
  json.value("+374•••••056 😀");
  CHECK(json.str() == "\"+374•••••056 😀\"");
}

TEST_CASE("what would act on a terminal leaves as an escape") {
  JsonWriter json;
  json.value("a\x7f\u0085\u009b\u061c\u200e\u2028\u202e\u2066z");
  CHECK(json.str() == R"("a\u007f\u0085\u009b\u061c\u200e\u2028\u202e\u2066z")");
}

TEST_CASE("octets that are not UTF-8 never leave") {
  JsonWriter json;
  json.value(
      "a\xFF"
      "b\xE2\x82");
  CHECK(json.str() ==
        "\"a\xEF\xBF\xBD"
        "b\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST_CASE("what JSON has no number for is null") {
  JsonWriter json;
  json.begin_array()
      .value(std::numeric_limits<double>::infinity())
      .value(std::numeric_limits<double>::quiet_NaN())
      .end_array();
  CHECK(json.str() == "[null,null]");
}

TEST_CASE("the ends of the integers are written in full") {
  JsonWriter json;
  json.begin_array()
      .value(std::numeric_limits<std::int64_t>::min())
      .value(std::numeric_limits<std::uint64_t>::max())
      .end_array();
  CHECK(json.str() == "[-9223372036854775808,18446744073709551615]");
}

TEST_CASE("JSON that is written already is put in unchanged") {
  JsonWriter json;
  json.begin_object().key("answer").raw(R"({"ok":true})").field("replayed", true).end_object();
  CHECK(json.str() == R"({"answer":{"ok":true},"replayed":true})");
}

TEST_CASE("an octet is written the same wherever it stands in a long text") {
  const auto written = [](const std::string& text) {
    JsonWriter json;
    json.value(text);
    const std::string quoted = std::move(json).str();
    return quoted.substr(1, quoted.size() - 2);
  };
  for (int octet = 0; octet < 256; ++octet) {
    const std::string alone = written(std::string(1, static_cast<char>(octet)));
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text(20, 'a');
      text[at] = static_cast<char>(octet);
      CHECK(written(text) == std::string(at, 'a') + alone + std::string(19 - at, 'a'));
    }
  }
}
