#include "core/phone.h"

#include <optional>
#include <string>

#include "core/phone_plan.h"
#include "core/phone_text.h"

namespace xion {
namespace {

using i18n::phonenumbers::PhoneNumberUtil;
using phone_plan::Number;

/// ITU-T E.164: a country code and a national number together.
constexpr std::size_t digits_max = 15;
/// Six digits after the first are fewer than any country's shortest number has; its plan says the rest.
constexpr std::size_t digits_min = 7;
/// A trunk prefix with a carrier's selection code may stand in the middle. Nothing longer ever reaches the library.
constexpr std::size_t written_digits_max = digits_max + 3;

std::optional<PhoneError> trouble_in_form(std::string_view number) {
  if (!number.starts_with('+'))
    return number.size() > written_digits_max ? std::optional(PhoneError::too_long) : std::nullopt;
  number.remove_prefix(1);
  if (number.starts_with('0')) return PhoneError::unknown_country_code;
  if (number.size() > written_digits_max) return PhoneError::too_long;
  return number.size() < digits_min ? std::optional(PhoneError::too_short) : std::nullopt;
}

PhoneError error_of(PhoneNumberUtil::ErrorType error) {
  switch (error) {
    case PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR: return PhoneError::unknown_country_code;
    case PhoneNumberUtil::TOO_SHORT_AFTER_IDD:
    case PhoneNumberUtil::TOO_SHORT_NSN: return PhoneError::too_short;
    case PhoneNumberUtil::TOO_LONG_NSN: return PhoneError::too_long;
    case PhoneNumberUtil::NOT_A_NUMBER: return PhoneError::not_digits;
    case PhoneNumberUtil::NO_PARSING_ERROR: break;
  }
  return PhoneError::impossible;
}

/// The country that a caller named.
struct Home {
  std::string region = "ZZ";      ///< ISO 3166 alpha-2, or the library's word for none.
  std::int32_t country_code = 0;  ///< 0: none was named.
};

std::expected<Home, PhoneError> home_of(std::string_view country) {
  if (country.empty()) return Home{};
  Home home{.region = std::string(country)};
  for (char& c : home.region) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  home.country_code = phone_plan::library().GetCountryCodeForRegion(home.region);
  if (home.country_code == 0) return std::unexpected(PhoneError::unknown_country);
  return home;
}

std::expected<Number, PhoneError> read(const std::string& digits, const std::string& region) {
  Number number;
  const auto error = phone_plan::library().Parse(digits, region, &number);
  if (error != PhoneNumberUtil::NO_PARSING_ERROR) return std::unexpected(error_of(error));
  if (auto meant = phone_plan::meant_by(number)) return *meant;
  return number;
}

bool is_mobile(const std::expected<Number, PhoneError>& number) {
  return number && phone_plan::is_mobile(phone_plan::type_of(*number));
}

/// A national form. Where that is no mobile's number, but it is one's with the country's code before it (a zero that
/// its plan doesn't have), or as a whole number without its +, then that.
std::expected<Number, PhoneError> read_at_home(const std::string& digits, const Home& home) {
  const auto national = read(digits, home.region);
  if (is_mobile(national)) return national;
  const std::string country_code = std::to_string(home.country_code);
  if (const auto respelt = read("+" + country_code + digits, home.region); is_mobile(respelt)) return respelt;
  if (!digits.starts_with(country_code)) return national;
  const auto whole = read("+" + digits, home.region);
  return is_mobile(whole) ? whole : national;
}

Phone phone_of(const Number& number, std::string e164, phone_plan::Range range) {
  return {.e164 = std::move(e164),
          .country = std::move(range.region),
          .country_code = std::to_string(number.country_code()),
          .type = range.type,
          .is_valid = range.type != NumberType::unknown};
}

/// A number that is E.164 as it stands and valid in its country. Parsing would leave it as it is, and takes longer than
/// all other work on a phone together: 11 µs. Nothing where parsing has something to say.
std::optional<Phone> valid_as_it_stands(std::string_view number) {
  const std::string_view digits = number.substr(1);
  std::int32_t country_code = 0;
  std::string region = "ZZ";
  std::size_t length = 0;
  while (region == "ZZ" && length < 3) {  // no country code is another's beginning
    country_code = country_code * 10 + (digits[length++] - '0');
    phone_plan::library().GetRegionCodeForCountryCode(country_code, &region);
  }
  if (region == "ZZ" || digits[length] == '0' || digits.size() > digits_max) return std::nullopt;
  const Number parsed = phone_plan::made_of(country_code, digits.substr(length));
  if (phone_plan::has_old_forms(country_code) && phone_plan::meant_by(parsed)) return std::nullopt;
  phone_plan::Range range = phone_plan::range_of(parsed);
  if (range.type == NumberType::unknown) return std::nullopt;
  return phone_of(parsed, std::string(number), std::move(range));
}

std::expected<Phone, PhoneError> read_by_the_plan(const std::string& digits, const Home& home) {
  const bool is_whole = digits.starts_with('+');
  const auto number = is_whole ? read(digits, home.region) : read_at_home(digits, home);
  if (!number) return std::unexpected(number.error());
  phone_plan::Range range = phone_plan::range_of(*number);
  if (range.type == NumberType::unknown) {
    if (const auto trouble = phone_plan::trouble_in_length(*number)) return std::unexpected(*trouble);
  }
  std::string e164 = phone_plan::e164_of(*number);
  if (const auto trouble = trouble_in_form(e164)) return std::unexpected(*trouble);
  if (e164.size() > digits_max + 1) return std::unexpected(PhoneError::too_long);
  return phone_of(*number, std::move(e164), std::move(range));
}

}  // namespace

std::string_view to_string(NumberType type) {
  switch (type) {
    case NumberType::mobile: return "mobile";
    case NumberType::fixed_line: return "fixed_line";
    case NumberType::fixed_line_or_mobile: return "fixed_line_or_mobile";
    case NumberType::voip: return "voip";
    case NumberType::toll_free: return "toll_free";
    case NumberType::premium_rate: return "premium_rate";
    case NumberType::other: return "other";
    case NumberType::unknown: return "unknown";
  }
  return "";
}

std::string_view describe(PhoneError error) {
  switch (error) {
    case PhoneError::empty: return "The phone number is empty; expected E.164, such as +37499123056.";
    case PhoneError::not_digits:
      return "The phone number has characters other than digits, spaces, dashes, dots and parentheses; expected E.164, "
             "such as "
             "+37499123056.";
    case PhoneError::no_country_code:
      return "The phone number has no country code; write it as +37499123056, or give `country` with the national "
             "form.";
    case PhoneError::unknown_country:
      return "`country` is not a country; expected two letters of ISO 3166, such as AM.";
    case PhoneError::another_country:
      return "The phone number is not of the `country` that came with it; leave `country` out, or give that of the "
             "number.";
    case PhoneError::too_short: return "The phone number has too few digits for its country.";
    case PhoneError::too_long: return "The phone number has too many digits for its country.";
    case PhoneError::impossible: return "No phone number of this length exists in its country.";
    case PhoneError::unknown_country_code: return "The phone number begins with a country code that does not exist.";
  }
  return "";
}

std::string describe(PhoneError error, std::string_view text) {
  std::string sentences(describe(error));
  if (error != PhoneError::not_digits) return sentences;
  if (const std::string strange = strange_character(text); !strange.empty())
    sentences.append(" It has ").append(strange).append(".");
  return sentences;
}

std::expected<Phone, PhoneError> parse_phone(std::string_view text, std::string_view country) {
  const auto digits = phone_digits(text);
  if (!digits) return std::unexpected(digits.error());
  if (const auto trouble = trouble_in_form(*digits)) return std::unexpected(*trouble);
  const auto home = home_of(country);
  if (!home) return std::unexpected(home.error());

  const bool is_whole = digits->starts_with('+');
  if (!is_whole && country.empty()) return std::unexpected(PhoneError::no_country_code);
  std::optional<Phone> known = is_whole ? valid_as_it_stands(*digits) : std::nullopt;
  auto phone = known ? std::expected<Phone, PhoneError>(std::move(*known)) : read_by_the_plan(*digits, *home);
  if (phone && home->country_code != 0 && phone->country_code != std::to_string(home->country_code))
    return std::unexpected(PhoneError::another_country);
  return phone;
}

std::string mask_phone(std::string_view e164, std::string_view country_code) {
  if (e164.starts_with('+')) e164.remove_prefix(1);
  if (e164.empty()) return {};  // Nothing is kept of it.
  std::string masked = "+";
  if (e164.starts_with(country_code)) {
    masked.append(country_code);
    e164.remove_prefix(country_code.size());
  }
  // Three digits tell a person's numbers apart; of a very short number they would be too much.
  const std::size_t shown = e164.size() >= 7 ? 3 : 0;
  for (std::size_t i = shown; i < e164.size(); ++i) masked.append("•");
  return masked.append(e164.substr(e164.size() - shown));
}

}  // namespace xion
