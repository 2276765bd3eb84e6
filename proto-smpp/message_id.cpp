#include "smpp/message_id.h"

#include <algorithm>
#include <cstdint>

#include "smpp/ascii.h"

namespace xion::smpp {
namespace {

/// Longer ids are no numbers, and would cost time in the square of their length.
constexpr std::size_t number_digits_limit = 64;

bool is_number(std::string_view id, bool (*is_digit)(char)) {
  return !id.empty() && id.size() <= number_digits_limit && std::ranges::all_of(id, is_digit);
}

std::string mapped(std::string_view text, char (*map)(char)) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), map);
  return out;
}

std::string without_zeros(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of('0');
  if (first == std::string_view::npos) return digits.empty() ? std::string() : "0";
  return std::string(digits.substr(first));
}

unsigned digit_value(char c) {
  return static_cast<unsigned>(ascii::is_digit(c) ? c - '0' : ascii::lower(c) - 'a' + 10);
}

/// A number of any length from one base to another, as done on paper: the digits so far times the base, plus the next.
std::string converted(std::string_view digits, unsigned from, unsigned to) {
  std::vector<std::uint8_t> reversed;  // the lowest digit first
  for (const char c : digits) {
    unsigned carry = digit_value(c);
    for (std::uint8_t& value : reversed) {
      carry += value * from;
      value = static_cast<std::uint8_t>(carry % to);
      carry /= to;
    }
    for (; carry != 0; carry /= to) reversed.push_back(static_cast<std::uint8_t>(carry % to));
  }
  if (reversed.empty()) return "0";
  std::string out;
  for (auto value = reversed.rbegin(); value != reversed.rend(); ++value) out.push_back("0123456789abcdef"[*value]);
  return out;
}

std::optional<std::string> hex_of_decimal(std::string_view id) {
  if (!is_number(id, ascii::is_digit)) return std::nullopt;
  return converted(id, 10, 16);
}
std::optional<std::string> decimal_of_hex(std::string_view id) {
  if (!is_number(id, ascii::is_hex_digit)) return std::nullopt;
  return converted(id, 16, 10);
}

std::optional<std::string> padded(std::optional<std::string> digits, std::size_t width) {
  if (!digits || digits->size() > width) return std::nullopt;
  return std::string(width - digits->size(), '0') + *digits;
}

}  // namespace

std::string_view trimmed_id(std::string_view id) {
  constexpr std::string_view blanks(" \t\r\n\0", 5);
  const std::size_t first = id.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return id.substr(first, id.find_last_not_of(blanks) - first + 1);
}

std::string_view id_form_text(IdForm form) {
  switch (form) {
    case IdForm::same: return "same";
    case IdForm::lower_case: return "lower_case";
    case IdForm::upper_case: return "upper_case";
    case IdForm::no_leading_zeros: return "no_leading_zeros";
    case IdForm::hex_of_decimal: return "hex_of_decimal";
    case IdForm::decimal_of_hex: return "decimal_of_hex";
    case IdForm::hex_upper: return "hex_upper";
    case IdForm::hex_8: return "hex_8";
    case IdForm::hex_8_upper: return "hex_8_upper";
    case IdForm::decimal_10: return "decimal_10";
    case IdForm::padded_10: return "padded_10";
  }
  return "";
}

std::optional<std::string> in_form(std::string_view id, IdForm form) {
  const auto in_capitals = [](std::optional<std::string> text) {
    return text ? std::optional(mapped(*text, ascii::upper)) : std::nullopt;
  };
  switch (form) {
    case IdForm::same: return std::string(id);
    case IdForm::lower_case: return mapped(id, ascii::lower);
    case IdForm::upper_case: return mapped(id, ascii::upper);
    case IdForm::no_leading_zeros: return canonical_message_id(id);
    case IdForm::hex_of_decimal: return hex_of_decimal(id);
    case IdForm::decimal_of_hex: return decimal_of_hex(id);
    case IdForm::hex_upper: return in_capitals(hex_of_decimal(id));
    case IdForm::hex_8: return padded(hex_of_decimal(id), 8);
    case IdForm::hex_8_upper: return in_capitals(padded(hex_of_decimal(id), 8));
    case IdForm::decimal_10: return padded(decimal_of_hex(id), 10);
    case IdForm::padded_10:
      if (!is_number(id, ascii::is_hex_digit)) return std::nullopt;
      return padded(std::string(id), 10);
  }
  return std::nullopt;
}

std::vector<std::string> message_id_variants(std::string_view id) {
  std::vector<std::string> variants;
  for (const IdForm form : id_forms) {
    auto variant = in_form(id, form);
    if (variant && std::ranges::find(variants, *variant) == variants.end()) variants.push_back(std::move(*variant));
  }
  return variants;
}

std::string_view id_base_text(IdBase base) {
  switch (base) {
    case IdBase::same: return "same";
    case IdBase::hexadecimal: return "hex";
    case IdBase::decimal: return "decimal";
  }
  return "";
}

std::optional<std::string> response_id_of(std::string_view receipt_id, IdBase base) {
  switch (base) {
    case IdBase::same: return std::string(receipt_id);
    case IdBase::hexadecimal: return decimal_of_hex(receipt_id);
    case IdBase::decimal: return hex_of_decimal(receipt_id);
  }
  return std::nullopt;
}

std::optional<std::string> receipt_id_of(std::string_view response_id, IdBase base) {
  switch (base) {
    case IdBase::same: return std::string(response_id);
    case IdBase::hexadecimal: return hex_of_decimal(response_id);
    case IdBase::decimal: return decimal_of_hex(response_id);
  }
  return std::nullopt;
}

std::string canonical_message_id(std::string_view id) { return without_zeros(mapped(id, ascii::lower)); }

}  // namespace xion::smpp
