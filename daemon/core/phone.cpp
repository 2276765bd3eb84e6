#include "core/phone.h"

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumberutil.h>

#include <algorithm>
#include <optional>
#include <string>

#include "core/phone_text.h"

namespace xion {
namespace {

using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

/// The library, made once (its metadata takes 20 ms to load) and kept from printing numbers to standard output.
const PhoneNumberUtil& numbering() {
  static const PhoneNumberUtil& instance = []() -> const PhoneNumberUtil& {
    auto* util = PhoneNumberUtil::GetInstance();
    util->SetLogger(new i18n::phonenumbers::NullLogger);  // the library owns it from here
    return *util;
  }();
  return instance;
}

/// E.164: a country code never begins with 0, and there are at most 15 digits. Six after the first is less than any
/// country's shortest; the numbering plan says the rest. Nothing longer ever reaches the library.
std::optional<PhoneError> trouble_in_form(std::string_view number) {
  const bool is_international = number.starts_with('+');
  if (is_international) number.remove_prefix(1);
  if (is_international && number.starts_with('0')) return PhoneError::unknown_country_code;
  if (number.size() > 15) return PhoneError::too_long;
  if (is_international && number.size() < 7) return PhoneError::too_short;
  return std::nullopt;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return out;
}

std::optional<PhoneError> trouble_in_length(const PhoneNumber& number) {
  switch (numbering().IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::IS_POSSIBLE: return std::nullopt;
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY: return PhoneError::too_short;  // the area code is missing
    case PhoneNumberUtil::INVALID_COUNTRY_CODE: return PhoneError::unknown_country_code;
    case PhoneNumberUtil::TOO_SHORT: return PhoneError::too_short;
    case PhoneNumberUtil::INVALID_LENGTH: return PhoneError::impossible;
    case PhoneNumberUtil::TOO_LONG: return PhoneError::too_long;
  }
  return PhoneError::impossible;
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

NumberType type_of(const PhoneNumber& number) {
  switch (numbering().GetNumberType(number)) {
    case PhoneNumberUtil::MOBILE: return NumberType::mobile;
    case PhoneNumberUtil::FIXED_LINE: return NumberType::fixed_line;
    case PhoneNumberUtil::FIXED_LINE_OR_MOBILE: return NumberType::fixed_line_or_mobile;
    case PhoneNumberUtil::VOIP: return NumberType::voip;
    case PhoneNumberUtil::TOLL_FREE: return NumberType::toll_free;
    case PhoneNumberUtil::PREMIUM_RATE: return NumberType::premium_rate;
    case PhoneNumberUtil::SHARED_COST:
    case PhoneNumberUtil::PERSONAL_NUMBER:
    case PhoneNumberUtil::PAGER:
    case PhoneNumberUtil::UAN:
    case PhoneNumberUtil::VOICEMAIL: return NumberType::other;
    case PhoneNumberUtil::UNKNOWN: return NumberType::unknown;
  }
  return NumberType::unknown;
}

/// The country of the number's range; of its country code where the plan of 2022 knows no such range.
std::string country_of(const PhoneNumber& number) {
  std::string region;
  numbering().GetRegionCodeForNumber(number, &region);
  if (region.empty() || region == "ZZ") numbering().GetRegionCodeForCountryCode(number.country_code(), &region);
  const bool is_country = region.size() == 2 && region != "ZZ";  // "001" stands for no country
  return is_country ? region : std::string();
}

Phone phone_of(const PhoneNumber& number, std::string e164, NumberType type) {
  return {.e164 = std::move(e164),
          .country = country_of(number),
          .country_code = std::to_string(number.country_code()),
          .type = type,
          .is_valid = type != NumberType::unknown};
}

/// One handset is one identity, however its number is written: what became of a plan's old forms. Each row is tried on
/// a number of its country code; what it makes counts where the plan knows that, as a mobile.
struct Refold {
  std::int32_t country_code;
  std::size_t length;       ///< Of the national number that it is for.
  std::string_view begins;  ///< What that begins with; empty: anything.
  std::size_t at;           ///< Where digits are taken out or put in.
  std::size_t drop;
  std::string_view insert;
};
constexpr Refold refolds[] = {
    {52, 11, "1", 0, 1, ""},  // Mexico: the 1 of mobiles, until 2019
    {54, 10, "", 0, 0, "9"},  // Argentina: the 9 of mobiles, left out
    {55, 10, "", 2, 0, "9"},  // Brazil: the ninth digit, until 2016
};

PhoneNumber made_of(std::int32_t country_code, const std::string& national) {
  PhoneNumber number;
  number.set_country_code(country_code);
  number.set_national_number(std::stoull(national));
  return number;
}

std::string national_of(const PhoneNumber& number) {
  std::string national;
  numbering().GetNationalSignificantNumber(number, &national);
  return national;
}

/// The number in its plan's own form, where it is written in an old one.
std::optional<PhoneNumber> refolded(const PhoneNumber& number) {
  const std::string national = national_of(number);
  for (const Refold& row : refolds) {
    if (number.country_code() != row.country_code || national.size() != row.length || !national.starts_with(row.begins))
      continue;
    std::string folded = national;
    folded.replace(row.at, row.drop, row.insert);
    const PhoneNumber made = made_of(row.country_code, folded);
    const NumberType type = type_of(made);
    if (type == NumberType::mobile || type == NumberType::fixed_line_or_mobile) return made;
  }
  // A trunk zero that came along where the plan has none: without it the number is a mobile's, with it it is nobody's.
  if (!number.italian_leading_zero() || type_of(number) != NumberType::unknown) return std::nullopt;
  const std::size_t zeros = std::min(national.find_first_not_of('0'), national.size());
  if (zeros == national.size()) return std::nullopt;
  const PhoneNumber made = made_of(number.country_code(), national.substr(zeros));
  return type_of(made) == NumberType::mobile ? std::optional(made) : std::nullopt;
}

/// A number whose range is known with fewer digits only: a digit too many, in a plan whose lengths vary.
bool is_longer_than_its_range(PhoneNumber number) {
  return type_of(number) == NumberType::unknown && numbering().TruncateTooLongNumber(&number);
}

/// A number that is E.164 as it stands and valid in its country. Parsing would leave it as it is, and takes longer than
/// all other work on a phone together: 11 µs of 17. Nothing where parsing has something to say.
std::optional<Phone> valid_as_it_stands(std::string_view number) {
  const std::string_view digits = number.substr(1);
  std::int32_t country_code = 0;
  std::string region = "ZZ";
  std::size_t length = 0;
  while (region == "ZZ" && length < 3) {  // no country code is another's beginning
    country_code = country_code * 10 + (digits[length++] - '0');
    numbering().GetRegionCodeForCountryCode(country_code, &region);
  }
  if (region == "ZZ" || digits[length] == '0') return std::nullopt;
  const PhoneNumber parsed = made_of(country_code, std::string(digits.substr(length)));
  const bool has_old_forms = std::ranges::find(refolds, country_code, &Refold::country_code) != std::end(refolds);
  if (has_old_forms && refolded(parsed)) return std::nullopt;
  const NumberType type = type_of(parsed);
  if (type == NumberType::unknown) return std::nullopt;
  return phone_of(parsed, std::string(number), type);
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
    case PhoneError::too_short: return "The phone number has too few digits for its country.";
    case PhoneError::too_long: return "The phone number has too many digits for its country.";
    case PhoneError::impossible: return "No phone number of this length exists in its country.";
    case PhoneError::unknown_country_code: return "The phone number begins with a country code that does not exist.";
    case PhoneError::other_country:
      return "`country` is not the country of this phone number, which has a country code of its own; leave it out.";
  }
  return "";
}

namespace {

/// What has been brought to digits, with a + before a number that names its country.
std::expected<Phone, PhoneError> read_number(const std::string& number, std::string_view country) {
  if (const auto trouble = trouble_in_form(number)) return std::unexpected(*trouble);

  if (number.starts_with('+')) {
    if (auto phone = valid_as_it_stands(number)) return std::move(*phone);
  }
  std::string region = "ZZ";
  if (!number.starts_with('+')) {
    if (country.empty()) return std::unexpected(PhoneError::no_country_code);
    region = upper(country);
    if (numbering().GetCountryCodeForRegion(region) == 0) return std::unexpected(PhoneError::unknown_country);
  }
  PhoneNumber parsed;
  const auto error = numbering().Parse(number, region, &parsed);
  if (error != PhoneNumberUtil::NO_PARSING_ERROR) return std::unexpected(error_of(error));
  if (const auto folded = refolded(parsed)) parsed = *folded;
  if (const auto trouble = trouble_in_length(parsed)) return std::unexpected(*trouble);
  if (is_longer_than_its_range(parsed)) return std::unexpected(PhoneError::too_long);

  std::string e164;
  numbering().Format(parsed, PhoneNumberUtil::E164, &e164);
  if (const auto trouble = trouble_in_form(e164)) return std::unexpected(*trouble);
  return phone_of(parsed, std::move(e164), type_of(parsed));
}

}  // namespace

std::expected<Phone, PhoneError> parse_phone(std::string_view text, std::string_view country) {
  const auto number = phone_digits(text);
  if (!number) return std::unexpected(number.error());
  auto phone = read_number(*number, country);
  if (!phone || country.empty()) return phone;
  const int country_code = numbering().GetCountryCodeForRegion(upper(country));
  if (country_code == 0) return std::unexpected(PhoneError::unknown_country);
  if (std::to_string(country_code) != phone->country_code) return std::unexpected(PhoneError::other_country);
  return phone;
}

std::string mask_phone(std::string_view e164, std::string_view country_code) {
  if (e164.starts_with('+')) e164.remove_prefix(1);
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
