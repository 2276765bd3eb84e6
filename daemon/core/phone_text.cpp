#include "core/phone_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/typed.h"
#include "base/utf8.h"

namespace xion {
namespace {

/// A number is no longer than this, whatever stands between its digits.
constexpr std::size_t text_limit_octets = 256;

/// What stands between a number's digits besides spaces, dashes and what nobody sees.
constexpr char32_t separators[] = {
    U'(',   U')',   U'.',   U'/',
    0x00B7,                                  // middle dot
    0x2024, 0x2027,                          // one dot leader, hyphenation point
    0x2044,                                  // fraction slash
    0x30FB, 0x30FC,                          // Japanese middle dot; prolonged sound mark, typed for a dash
    0xFE59, 0xFE5A,                          // small parentheses
    0xFF08, 0xFF09, 0xFF0E, 0xFF0F, 0xFF65,  // full-width parentheses, full stop, solidus; half-width middle dot
};
constexpr char32_t pluses[] = {U'+', 0x2795, 0xFB29, 0xFE62, 0xFF0B};

bool is_plus(char32_t c) { return std::ranges::find(pluses, c) != std::end(pluses); }

bool means_nothing(char32_t c) {
  return typed::is_meaningless(c) || std::ranges::find(separators, c) != std::end(separators);
}

}  // namespace

std::expected<std::string, PhoneError> phone_digits(std::string_view text) {
  const auto characters = from_utf8(text);
  if (!characters) return std::unexpected(PhoneError::not_digits);
  std::string number;
  for (const char32_t c : *characters) {
    if (const auto digit = typed::digit(c)) {
      number.push_back(*digit);
    } else if (is_plus(c) && number.empty()) {
      number.push_back('+');
    } else if (!means_nothing(c)) {
      return std::unexpected(PhoneError::not_digits);
    }
  }
  if (number.empty() || number == "+") return std::unexpected(PhoneError::empty);
  // The prefix of international calls, also behind the + that stands for it.
  const std::size_t plus = number.starts_with('+') ? 1 : 0;
  if (std::string_view(number).substr(plus).starts_with("00")) number.replace(0, plus + 2, "+");
  return number;
}

std::string strange_character(std::string_view text) {
  const auto characters = from_utf8(text.substr(0, text_limit_octets));
  if (!characters) return {};
  bool has_begun = false;
  for (const char32_t c : *characters) {
    const bool is_known = typed::digit(c).has_value() || means_nothing(c) || (is_plus(c) && !has_begun);
    has_begun |= typed::digit(c).has_value() || is_plus(c);
    if (is_known) continue;
    const auto number = fmt::format("U+{:04X}", static_cast<std::uint32_t>(c));
    if (typed::is_invisible(c)) return number;
    std::string shown;
    append_utf8(shown, c);
    return fmt::format("\"{}\" ({})", shown, number);
  }
  return {};
}

}  // namespace xion
