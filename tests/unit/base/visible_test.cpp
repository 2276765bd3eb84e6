#include "base/visible.h"

#include <doctest/doctest.h>

#include "base/utf8.h"

using namespace xion;
using namespace std::string_literals;

namespace {

std::string value(std::string_view text, std::size_t limit = log_value_limit) {
  std::string line;
  append_log_value(line, text, limit);
  return line;
}

}  // namespace

TEST_CASE("a value of a log line can be taken for nothing else, and is read back whole") {
  struct Row {
    std::string text;
    std::string_view written;
  };
  const Row rows[] = {
      {"primary", "primary"},
      {"+374•••••056", "+374•••••056"},
      {"", ""},
      {"reset by peer", R"("reset by peer")"},
      {"a=b", R"("a=b")"},
      {R"(say "hi")", R"("say \"hi\"")"},
      {R"(C:\x41)", R"("C:\\x41")"},
      {"a\nsmsc.link.bound smsc=b", R"("a\nsmsc.link.bound smsc=b")"},
      {"a\r\tb", R"("a\x0d\tb")"},
      {"\x1b[2J"s, R"("\x1b[2J")"},
      {"a\0b"s, R"("a\x00b")"},
      {"\x7f", R"("\x7f")"},
      {"\u0085\u009b", R"("\u{85}\u{9b}")"},
      {"abc\u202edef\u2066", R"("abc\u{202e}def\u{2066}")"},
      {"\u2028\u200f\u061c", R"("\u{2028}\u{200f}\u{61c}")"},
      {"\xff\xc3", R"("\xff\xc3")"},
      {"caf\u00e9", "caf\u00e9"},
  };
  for (const Row& row : rows) {
    CHECK(value(row.text) == row.written);
    CHECK(read_log_value(row.written) == row.text);
  }
}

TEST_CASE("a value is cut at its limit, between characters, and says so") {
  CHECK(value(std::string(600, 'x')).size() == log_value_limit);
  CHECK(value("abcdef", 6) == "abcdef");
  CHECK(value("abcdefg", 6) == "abc…");
  CHECK(value("ab€€€", 8) == "ab€…");
  CHECK(value("\n\n\n\n", 7) == "\"\\n\\n…\"");
  for (std::size_t limit = 3; limit < 40; ++limit) {
    const std::string cut = value(std::string(10, '\n') + "€\u202e \xff", limit);
    CHECK(cut.size() <= limit + 2);
    CHECK(from_utf8(cut));
  }
}

TEST_CASE("what is shown to people has nothing in it that acts on their terminal") {
  CHECK(visible("two words, a = \"b\" \\ c") == "two words, a = \"b\" \\ c");
  CHECK(visible("\x1b[31mred\u202e\u009b\xfe") == R"(\x1b[31mred\u{202e}\u{9b}\xfe)");
}
