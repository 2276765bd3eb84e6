#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace xion {

enum class NumberType : std::uint8_t {
  mobile,
  fixed_line,
  fixed_line_or_mobile,
  voip,
  toll_free,
  premium_rate,
  other,
  unknown
};
std::string_view to_string(NumberType type);

/// A phone number that can exist, in E.164.
struct Phone {
  std::string e164;          ///< "+37499123056". Never logged: show `masked`.
  std::string country;       ///< ISO 3166 alpha-2; empty for numbers of no country (+882 …).
  std::string country_code;  ///< "374"
  NumberType type = NumberType::unknown;
  bool is_valid = false;  ///< The numbering plan of 2022 knows its range. A hint, not a reason to refuse.
};

enum class PhoneError : std::uint8_t {
  empty,
  not_digits,
  no_country_code,
  unknown_country,
  another_country,
  too_short,
  too_long,
  impossible,
  unknown_country_code
};
/// A sentence for the `detail` of `invalid_phone`: what is wrong and what would be right.
std::string_view describe(PhoneError error);
/// The same, naming the first character of `text` that no number is written with.
std::string describe(PhoneError error, std::string_view text);

/// Reads a number as people write it: +, leading 00, spaces, dashes, dots and parentheses, digits of any script;
/// national form only with `country` (ISO 3166 alpha-2), which a whole number must be of, or share the country code
/// with. One handset is one number: old forms of its plan and trunk zeros that came along are folded. Refuses what is
/// impossible; "invalid" by the plan is kept as a hint in `is_valid`.
std::expected<Phone, PhoneError> parse_phone(std::string_view text, std::string_view country = {});

/// "+374•••••056": the country code and the last three digits.
std::string mask_phone(std::string_view e164, std::string_view country_code);

}  // namespace xion
