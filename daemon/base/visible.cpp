#include "base/visible.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/utf8.h"

namespace xion {
namespace {

constexpr std::string_view rest_left_out = "…";

/// Ranges of points, both ends included.
constexpr std::pair<char32_t, char32_t> active[] = {
    {0x00, 0x1F},      // C0: ends lines, moves the cursor, begins escape sequences
    {0x7F, 0x9F},      // DEL and C1: 0x9B begins an escape sequence, 0x85 ends a line
    {0x61C, 0x61C},    // Arabic letter mark
    {0x200E, 0x200F},  // left-to-right and right-to-left mark
    {0x2028, 0x202E},  // ends of lines and paragraphs; embeddings and overrides
    {0x2066, 0x2069},  // isolates
};

/// How one character, or one octet that begins none, is shown; how many octets of the text it was.
struct Shown {
  std::array<char, 12> octets{};  ///< `\u{10ffff}`
  std::size_t size = 0;
  std::size_t taken = 1;
  std::string_view text() const { return {octets.data(), size}; }
};

/// `format` has one place for the number.
Shown escaped(std::size_t taken, fmt::string_view format, std::uint32_t number) {
  Shown shown;
  shown.taken = taken;
  const auto end =
      fmt::vformat_to_n(shown.octets.data(), shown.octets.size(), format, fmt::make_format_args(number)).out;
  shown.size = static_cast<std::size_t>(end - shown.octets.data());
  return shown;
}

Shown shown_first(std::string_view text, bool is_quoted) {
  const std::size_t length = utf8_sequence_length(text);
  if (length == 0) return escaped(1, "\\x{:02x}", static_cast<unsigned char>(text[0]));
  const char32_t point = utf8_point(text.substr(0, length));
  if (point == U'\n') return escaped(1, "\\n", 0);
  if (point == U'\t') return escaped(1, "\\t", 0);
  if (is_active(point)) {
    if (point < 0x80) return escaped(length, "\\x{:02x}", point);
    return escaped(length, "\\u{{{:x}}}", point);
  }
  Shown shown;
  shown.taken = length;
  if (is_quoted && (point == U'"' || point == U'\\')) shown.octets[shown.size++] = '\\';
  for (const char c : text.substr(0, length)) shown.octets[shown.size++] = c;
  return shown;
}

void append_shown(std::string& out, std::string_view text, std::size_t limit, bool is_quoted) {
  std::size_t used = 0;
  std::size_t whole = out.size();  // Where the `…` can still follow within the limit.
  while (!text.empty()) {
    const Shown shown = shown_first(text, is_quoted);
    if (used + shown.size > limit) {
      out.resize(whole);
      out.append(rest_left_out);
      return;
    }
    out.append(shown.text());
    used += shown.size;
    text.remove_prefix(shown.taken);
    if (limit - used >= rest_left_out.size()) whole = out.size();
  }
}

/// Printable ASCII that means nothing in a line, or a whole character beyond it that is seen.
bool is_plain(std::string_view value) {
  while (!value.empty()) {
    const std::size_t length = utf8_sequence_length(value);
    if (length == 0) return false;
    const char32_t point = utf8_point(value.substr(0, length));
    if (point == U' ' || point == U'=' || point == U'"' || point == U'\\' || is_active(point)) return false;
    value.remove_prefix(length);
  }
  return true;
}

/// Digits of an escape, taken off `rest`: two, or those between braces. Nothing: it is no escape of ours.
std::optional<char32_t> take_hexadecimal(std::string_view& rest, bool is_braced) {
  const std::size_t size = is_braced ? rest.find('}') : std::min<std::size_t>(rest.size(), 2);
  if (size == std::string_view::npos || size == 0) return std::nullopt;
  const std::string_view digits = rest.substr(is_braced ? 1 : 0, size - (is_braced ? 1 : 0));
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  rest.remove_prefix(size + (is_braced ? 1 : 0));
  return value;
}

/// What stands behind a backslash, taken off `rest`.
void take_escaped(std::string& out, std::string_view& rest) {
  const char kind = rest[0];
  std::string_view behind = rest.substr(1);
  std::optional<char32_t> number;
  if (kind == 'x' || (kind == 'u' && behind.starts_with('{'))) number = take_hexadecimal(behind, kind == 'u');
  if (number && kind == 'u') append_utf8(out, *number);
  if (number && kind == 'x') out.push_back(static_cast<char>(*number));
  if (!number) out.push_back(kind == 'n' ? '\n' : kind == 't' ? '\t' : kind);
  rest = behind;
}

}  // namespace

bool is_active(char32_t point) {
  return std::ranges::any_of(active, [&](const auto& range) { return point >= range.first && point <= range.second; });
}

std::string visible(std::string_view text, std::size_t limit) {
  std::string out;
  append_shown(out, text, limit, false);
  return out;
}

void append_inside_quotes(std::string& line, std::string_view value, std::size_t limit) {
  append_shown(line, value, limit, true);
}

void append_log_value(std::string& line, std::string_view value, std::size_t limit) {
  if (is_plain(value)) return append_shown(line, value, limit, false);
  line.push_back('"');
  append_inside_quotes(line, value, limit);
  line.push_back('"');
}

std::string read_log_value(std::string_view written) {
  if (written.size() < 2 || written.front() != '"' || written.back() != '"') return std::string(written);
  written = written.substr(1, written.size() - 2);
  std::string value;
  while (!written.empty()) {
    const char first = written[0];
    written.remove_prefix(1);
    if (first == '\\' && !written.empty())
      take_escaped(value, written);
    else
      value.push_back(first);
  }
  return value;
}

}  // namespace xion
