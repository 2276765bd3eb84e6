#include "core/phone_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/utf8.h"

namespace xion {
namespace {

/// A number is no longer than this, whatever stands between its digits.
constexpr std::size_t text_limit_octets = 256;

/// Where the ten digits of a script begin.
constexpr char32_t script_zeros[] = {
    U'0',
    0x0660,  // Arabic-Indic
    0x06F0,  // Extended Arabic-Indic: Persian, Urdu
    0x0966,  // Devanagari
    0x09E6,  // Bengali
    0x0E50,  // Thai
    0x1040,  // Myanmar
    0x17E0,  // Khmer
    0xFF10,  // full-width
};

struct CharacterRange {
  char32_t first, last;
};
/// What is written between digits, or comes along when a number is pasted, and means nothing.
constexpr CharacterRange meaningless[] = {
    {0x0009, 0x000D},                                                    // tab to carriage return
    {U' ', U' '},     {U'(', U')'},     {U'-', U'/'}, {0x00A0, 0x00A0},  // no-break space
    {0x00AD, 0x00AD},                                                    // soft hyphen
    {0x00B7, 0x00B7},                                                    // middle dot
    {0x061C, 0x061C},                                                    // Arabic letter mark
    {0x2000, 0x200F},                                                    // spaces, zero-width ones, marks of direction
    {0x2010, 0x2015},                    // hyphens and dashes, U+2011 and U+2013 among them
    {0x2028, 0x202F},                    // separators, marks of direction, narrow no-break space
    {0x205F, 0x2064},                    // spaces and what is invisible
    {0x2066, 0x2069},                    // isolates
    {0x2212, 0x2212},                    // minus
    {0x3000, 0x3000},                    // ideographic space
    {0x30FC, 0x30FC},                    // Japanese prolonged sound mark, typed for a dash
    {0xFE58, 0xFE58}, {0xFE63, 0xFE63},  // small dashes
    {0xFEFF, 0xFEFF},                    // byte order mark
    {0xFF08, 0xFF09},                    // full-width parentheses
    {0xFF0D, 0xFF0F},                    // full-width hyphen, full stop, solidus
};
constexpr char32_t pluses[] = {U'+', 0xFE62, 0xFF0B};

std::optional<char> digit_of(char32_t c) {
  for (const char32_t zero : script_zeros) {
    if (c >= zero && c < zero + 10) return static_cast<char>('0' + (c - zero));
  }
  return std::nullopt;
}

bool is_meaningless(char32_t c) {
  return std::ranges::any_of(meaningless,
                             [c](const CharacterRange& range) { return c >= range.first && c <= range.last; });
}

bool is_plus(char32_t c) { return std::ranges::find(pluses, c) != std::end(pluses); }

}  // namespace

std::expected<std::string, PhoneError> phone_digits(std::string_view text) {
  const auto characters = from_utf8(text);
  if (!characters) return std::unexpected(PhoneError::not_digits);
  std::string number;
  for (const char32_t c : *characters) {
    if (const auto digit = digit_of(c)) {
      number.push_back(*digit);
    } else if (is_plus(c) && number.empty()) {
      number.push_back('+');
    } else if (!is_meaningless(c)) {
      return std::unexpected(PhoneError::not_digits);
    }
  }
  if (number.empty() || number == "+") return std::unexpected(PhoneError::empty);
  if (number.starts_with("00")) number.replace(0, 2, "+");
  return number;
}

std::string strange_character(std::string_view text) {
  const auto characters = from_utf8(text.substr(0, text_limit_octets));
  if (!characters) return {};
  bool has_begun = false;
  for (const char32_t c : *characters) {
    const bool is_known = digit_of(c).has_value() || is_meaningless(c) || (is_plus(c) && !has_begun);
    has_begun |= digit_of(c).has_value() || is_plus(c);
    if (is_known) continue;
    std::string shown;
    if (c >= 0x20 && c != 0x7F) append_utf8(shown, c);
    return shown.empty() ? fmt::format("U+{:04X}", static_cast<std::uint32_t>(c))
                         : fmt::format("\"{}\" (U+{:04X})", shown, static_cast<std::uint32_t>(c));
  }
  return {};
}

}  // namespace xion
