#include "base/json_fault.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/utf8.h"

namespace xion {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

std::uint32_t hex_value(std::string_view digits) {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}
bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

/// Whether a number is beyond what 64 bits hold, as a whole one or as a double.
bool is_too_large(const std::string& number) {
  if (number.find_first_of(".eE") != std::string::npos) return std::isinf(std::strtod(number.c_str(), nullptr));
  const char* const end = number.data() + number.size();
  std::int64_t whole = 0;
  std::uint64_t unsigned_whole = 0;
  return std::from_chars(number.data(), end, whole).ec != std::errc{} &&
         std::from_chars(number.data(), end, unsigned_whole).ec != std::errc{};
}

/// Goes through a text once; what is open is kept as the brackets that will close it.
class Walk {
 public:
  explicit Walk(std::string_view text) : text_(text) {}

  /// What was expected at `at()`; empty: all is JSON.
  std::string_view fault() {
    for (bool wants_value = true;;) {
      skip_space();
      if (wants_value) {
        if (const auto missing = value(); !missing.empty()) return missing;
        if (has_opened_) {
          wants_value = after_opening();
          if (!missing_.empty()) return missing_;
          if (wants_value) continue;
        }
      }
      if (open_.empty()) break;
      if (const auto missing = after_value(wants_value); !missing.empty()) return missing;
    }
    skip_space();
    return at_ == text_.size() ? std::string_view() : "nothing after the value";
  }
  std::size_t at() const { return at_; }

 private:
  char now() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  /// A whole value, or the beginning of an object or array.
  std::string_view value() {
    has_opened_ = false;
    const char c = now();
    if (c == '{' || c == '[') {
      open_.push_back(c == '{' ? '}' : ']');
      has_opened_ = true;
      ++at_;
      return {};
    }
    if (c == '"') return string();
    if (c == '-' || is_digit(c)) return number();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!text_.substr(at_).starts_with(word)) continue;
      at_ += word.size();
      return {};
    }
    return "a value";
  }

  /// Behind `{` or `[`: whether a value follows; `missing_` where nothing right does.
  bool after_opening() {
    skip_space();
    if (take(open_.back())) {
      open_.pop_back();
      return false;
    }
    if (open_.back() == '}') missing_ = name();
    return true;
  }

  /// Behind a value: a comma with what follows it, or the end of what is open.
  std::string_view after_value(bool& wants_value) {
    skip_space();
    wants_value = false;
    if (take(open_.back())) {
      open_.pop_back();
      return {};
    }
    const bool is_object = open_.back() == '}';
    if (!take(',')) return is_object ? "`,` or `}`" : "`,` or `]`";
    wants_value = true;
    skip_space();
    return is_object ? name() : std::string_view();
  }

  /// A member's name and its colon.
  std::string_view name() {
    if (now() != '"') return "a name in double quotes";
    if (const auto missing = string(); !missing.empty()) return missing;
    skip_space();
    return take(':') ? std::string_view() : "`:`";
  }

  std::string_view string() {
    for (++at_; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return {};
      }
      if (static_cast<unsigned char>(c) < 0x20) return "no control character in a string";
      if (c == '\\') {
        if (!escape()) return "an escape such as \\n or \\u00e9";
        continue;
      }
      const std::size_t length = utf8_sequence_length(text_.substr(at_, 4));
      if (length == 0) return "UTF-8";
      at_ += length;
    }
    return "the end of a string";
  }

  bool escape() {
    const auto rest = text_.substr(at_ + 1);
    if (rest.empty()) return false;
    if (rest[0] != 'u') {
      if (std::string_view("\"\\/bfnrt").find(rest[0]) == std::string_view::npos) return false;
      at_ += 2;
      return true;
    }
    if (!is_unit(at_)) return false;
    const std::uint32_t unit = hex_value(rest.substr(1, 4));
    if (is_low_surrogate(unit)) return false;
    // The two halves of a character stand side by side.
    constexpr std::size_t octets = 6;
    if (is_high_surrogate(unit) &&
        !(is_unit(at_ + octets) && is_low_surrogate(hex_value(text_.substr(at_ + octets + 2, 4)))))
      return false;
    at_ += is_high_surrogate(unit) ? 2 * octets : octets;
    return true;
  }

  /// Whether `\u` and four digits stand there.
  bool is_unit(std::size_t at) const {
    const auto escape = text_.substr(std::min(at, text_.size()), 6);
    return escape.size() == 6 && escape.starts_with("\\u") && std::ranges::all_of(escape.substr(2), is_hex_digit);
  }

  std::string_view number() {
    const std::size_t from = at_;
    if (const auto missing = number_form(); !missing.empty()) return missing;
    if (!is_too_large(std::string(text_.substr(from, at_ - from)))) return {};
    at_ = from;
    return "a smaller number";
  }

  std::string_view number_form() {
    take('-');
    if (!is_digit(now())) return "a digit";
    if (!take('0'))
      digits();
    else if (is_digit(now()))
      return "no zero before a number";
    if (take('.') && !digits()) return "a digit";
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      if (!digits()) return "a digit";
    }
    return {};
  }
  bool digits() {
    const std::size_t from = at_;
    while (is_digit(now())) ++at_;
    return at_ > from;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string open_;
  bool has_opened_ = false;
  std::string_view missing_;
};

}  // namespace

std::optional<JsonFault> json_fault(std::string_view text) {
  Walk walk(text);
  const std::string_view expected = walk.fault();
  if (expected.empty()) return std::nullopt;
  JsonFault fault{.expected = expected};
  for (const char c : text.substr(0, walk.at())) {
    if (c == '\n') {
      ++fault.line;
      fault.column = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      ++fault.column;
    }
  }
  return fault;
}

}  // namespace xion
