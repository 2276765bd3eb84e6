#include "base/json_fault.h"

#include <doctest/doctest.h>

#include <string>

namespace xion {
namespace {

struct Row {
  std::string_view text;
  std::size_t line, column;
  std::string_view expected;
};

TEST_CASE("what is not JSON is named by line, column and what would be right") {
  const Row rows[] = {
      {"", 1, 1, "a value"},
      {" \n ", 2, 2, "a value"},
      {"{\"a\": 1,}", 1, 9, "a name in double quotes"},
      {"{'a': 1}", 1, 2, "a name in double quotes"},
      {"{\"a\" 1}", 1, 6, "`:`"},
      {"{\"a\": 1 \"b\": 2}", 1, 9, "`,` or `}`"},
      {"{\n  \"a\": 1\n  \"b\": 2}", 3, 3, "`,` or `}`"},
      {"[1, 2}", 1, 6, "`,` or `]`"},
      {"[1, 2,]", 1, 7, "a value"},
      {"{\"a\": +1}", 1, 7, "a value"},
      {"{\"a\": tru}", 1, 7, "a value"},
      {"{\"é\": nul}", 1, 7, "a value"},
      {"[01]", 1, 3, "no zero before a number"},
      {"[1.]", 1, 4, "a digit"},
      {"[1e]", 1, 4, "a digit"},
      {"[-]", 1, 3, "a digit"},
      {"{} x", 1, 4, "nothing after the value"},
      {"{\"a\": \"b", 1, 9, "the end of a string"},
      {"[\"a\nb\"]", 1, 4, "no control character in a string"},
      {"[\"\\x\"]", 1, 3, "an escape such as \\n or \\u00e9"},
      {"[\"\\u12g4\"]", 1, 3, "an escape such as \\n or \\u00e9"},
      {"[\"a\xff\"]", 1, 4, "UTF-8"},
      {"[[{\"a\": [", 1, 10, "a value"},
      {R"(["a\ud800"])", 1, 4, "an escape such as \\n or \\u00e9"},
      {R"(["\ud83d\u0041"])", 1, 3, "an escape such as \\n or \\u00e9"},
      {R"(["\ude00"])", 1, 3, "an escape such as \\n or \\u00e9"},
      {"[1, 1e999]", 1, 5, "a smaller number"},
      {"[-99999999999999999999]", 1, 2, "a smaller number"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto fault = json_fault(row.text);
    REQUIRE(fault);
    CHECK(fault->line == row.line);
    CHECK(fault->column == row.column);
    CHECK(fault->expected == row.expected);
  }
}

TEST_CASE("what is JSON has no fault") {
  for (const std::string_view text :
       {"{}", "[]", "0", "-0.5e-10", "\"\"", " null ", "true", R"({"a": [1, {"b": []}, "é\n\u00e9", {}], "c": false})",
        "[[[[]]]]", R"(["\ud83d\ude00"])", "[18446744073709551615, -9223372036854775808, 1e308, 1e-999]",
        "\t{ \"a\" : 1 , \"b\" : [ ] }\r\n"}) {
    CAPTURE(text);
    CHECK(!json_fault(text));
  }
}

TEST_CASE("a body of brackets alone is looked through once") {
  const std::string open(64 * 1024, '[');
  const auto fault = json_fault(open);
  REQUIRE(fault);
  CHECK(fault->column == open.size() + 1);
}

}  // namespace
}  // namespace xion
