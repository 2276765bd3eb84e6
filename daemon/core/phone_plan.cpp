#include "core/phone_plan.h"

#include <algorithm>
#include <deque>

#include <phonenumbers/logger.h>
#include <re2/re2.h>

namespace xion::phone_plan {
namespace {

using i18n::phonenumbers::PhoneNumberUtil;

/// Hardly a mobile has more digits behind its country code.
constexpr std::size_t national_digits_tried = 12;

/// What became of a plan's old forms: one handset is one identity, however its number is written. The first row that
/// fits is read as the plan reads it, and counts where that is a mobile.
struct OldForm {
  std::int32_t country_code;
  std::string_view national;  ///< Regular expression of the whole.
  std::string_view now;       ///< \1 … are its groups.
  bool is_known = false;      ///< The plan has such numbers, too; they mean the same handset, or one without SMS.
};
constexpr OldForm old_forms[] = {
    // Mexico: 1 before mobiles called from abroad, until August 2019 (IFT, Plan Técnico Fundamental de Numeración).
    {52, R"(1(\d{10}))", R"(\1)", true},
    // Argentina: from abroad a mobile has a 9, at home 15 behind the area code (ENACOM, Plan Fundamental de
    // Numeración).
    {54, R"(90?(\d{12}))", R"(0\1)"},
    {54, R"((\d{10}))", R"(9\1)", true},
    // Brazil: the ninth digit, 2012–2016, of mobiles alone, which began with 6 to 9 (Anatel, resolução 553/2010).
    {55, R"((\d\d)([6-9]\d{7}))", R"(\19\2)"},
    // Viet Nam: mobiles of eleven digits, until November 2018 (MIC, decision 798/QĐ-BTTTT).
    {84, R"(16([2-9]\d{7}))", R"(3\1)"},
    {84, R"(120(\d{7}))", R"(70\1)"},
    {84, R"(121(\d{7}))", R"(79\1)"},
    {84, R"(122(\d{7}))", R"(77\1)"},
    {84, R"(12([68]\d{7}))", R"(7\1)"},
    {84, R"(12([345]\d{7}))", R"(8\1)"},
    {84, R"(127(\d{7}))", R"(81\1)"},
    {84, R"(129(\d{7}))", R"(82\1)"},
    {84, R"(18([68])(\d{7}))", R"(5\1\2)"},
    {84, R"(199(\d{7}))", R"(59\1)"},
    // Côte d'Ivoire: eight digits, until January 2021; the operator's two came before (ARTCI, ITU OB 1211).
    {225, R"(([04-9][0-3]\d{6}))", R"(01\1)"},
    {225, R"(([04-9][4-6]\d{6}))", R"(05\1)"},
    {225, R"(([04-9][7-9]\d{6}))", R"(07\1)"},
    // Gabon: the zero of mobiles of seven digits.
    {241, R"(([2-7]\d{6}))", R"(0\1)", true},
};

/// Ranges that are newer than the library's plan, and its lengths.
struct NewRange {
  std::int32_t country_code;
  std::string_view national;
  NumberType type;
};
constexpr NewRange new_ranges[] = {
    // Benin: ten digits since November 2024, 01 before the eight (ARCEP Bénin, ITU OB 1297).
    {229, R"(01[4-9]\d{7})", NumberType::mobile},
};

template <typename Row>
struct CompiledRow {
  explicit CompiledRow(const Row& of) : row(of), national(std::string(of.national)) {}
  const Row& row;
  RE2 national;
};
template <typename Row, std::size_t Count>
std::deque<CompiledRow<Row>> compiled(const Row (&rows)[Count]) {
  std::deque<CompiledRow<Row>> all;
  for (const Row& row : rows) all.emplace_back(row);
  return all;
}

NumberType type_of_library(const Number& number) {
  switch (library().GetNumberType(number)) {
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

Range range_of_library(const Number& number) {
  Range range{.region = {}, .type = type_of_library(number)};
  library().GetRegionCodeForNumber(number, &range.region);
  return range;
}

std::optional<Number> in_todays_form(const Number& number) {
  static const auto forms = compiled(old_forms);
  const std::string national = national_of(number);
  for (const auto& form : forms) {
    if (number.country_code() != form.row.country_code || !RE2::FullMatch(national, form.national)) continue;
    if (!form.row.is_known && type_of(number) != NumberType::unknown) continue;
    std::string now = national;
    RE2::Replace(&now, form.national, std::string(form.row.now));
    Number made;
    const auto error = library().Parse("+" + std::to_string(number.country_code()) + now, "ZZ", &made);
    if (error == PhoneNumberUtil::NO_PARSING_ERROR && is_mobile(type_of(made))) return made;
  }
  return std::nullopt;
}

/// One zero less at a time: a plan may have zeros of its own behind the one that came along.
std::optional<Number> without_trunk_zero(const Number& number) {
  if (type_of(number) != NumberType::unknown) return std::nullopt;
  std::string_view national;
  const std::string whole = national_of(number);
  for (national = whole; national.starts_with('0');) {
    national.remove_prefix(1);
    if (national.empty()) break;
    const Number made = made_of(number.country_code(), national);
    if (type_of(made) != NumberType::unknown) return made;
  }
  return std::nullopt;
}

/// A range that the plan knows with fewer digits only.
bool is_longer_than_its_range(Number number) { return library().TruncateTooLongNumber(&number); }

/// A range that the plan knows with more digits only. Which ones doesn't matter to a plan, or almost: each is tried.
bool is_shorter_than_its_range(const Number& number) {
  const std::string national = national_of(number);
  for (char filling = '0'; filling <= '9'; ++filling) {
    std::string longer = national;
    while (longer.size() < national_digits_tried) {
      longer.push_back(filling);
      if (type_of(made_of(number.country_code(), longer)) != NumberType::unknown) return true;
    }
  }
  return false;
}

}  // namespace

const PhoneNumberUtil& library() {
  static const PhoneNumberUtil& instance = []() -> const PhoneNumberUtil& {
    auto* util = PhoneNumberUtil::GetInstance();
    util->SetLogger(new i18n::phonenumbers::NullLogger);  // the library owns it from here
    return *util;
  }();
  return instance;
}

Number made_of(std::int32_t country_code, std::string_view national) {
  const std::size_t zeros = std::min(national.find_first_not_of('0'), national.size() - 1);
  Number number;
  number.set_country_code(country_code);
  number.set_national_number(std::stoull(std::string(national)));
  if (zeros > 0) {
    number.set_italian_leading_zero(true);
    number.set_number_of_leading_zeros(static_cast<std::int32_t>(zeros));
  }
  return number;
}

std::string national_of(const Number& number) {
  std::string national;
  library().GetNationalSignificantNumber(number, &national);
  return national;
}

std::string e164_of(const Number& number) {
  std::string e164;
  library().Format(number, PhoneNumberUtil::E164, &e164);
  return e164;
}

bool is_mobile(NumberType type) { return type == NumberType::mobile || type == NumberType::fixed_line_or_mobile; }

Range range_of(const Number& number) {
  const std::string national = national_of(number);
  const auto known = range_of(number.country_code(), national);
  Range range = known ? *known : range_of_library(number);
  if (range.region.empty() || range.region == "ZZ")
    library().GetRegionCodeForCountryCode(number.country_code(), &range.region);
  if (range.region.size() != 2 || range.region == "ZZ") range.region.clear();  // "001" stands for no country
  if (range.type != NumberType::unknown) return range;
  static const auto ranges = compiled(new_ranges);
  for (const auto& newer : ranges) {
    if (number.country_code() == newer.row.country_code && RE2::FullMatch(national, newer.national))
      range.type = newer.row.type;
  }
  return range;
}

NumberType type_of(const Number& number) { return range_of(number).type; }

std::optional<Number> meant_by(const Number& number) {
  if (auto today = in_todays_form(number)) return today;
  auto bare = without_trunk_zero(number);
  if (!bare) return std::nullopt;
  const auto today = in_todays_form(*bare);
  return today ? today : bare;
}

bool has_old_forms(std::int32_t country_code) {
  return std::ranges::find(old_forms, country_code, &OldForm::country_code) != std::end(old_forms);
}

std::optional<PhoneError> trouble_in_length(const Number& number) {
  switch (library().IsPossibleNumberWithReason(number)) {
    case PhoneNumberUtil::IS_POSSIBLE: break;
    case PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY: return PhoneError::too_short;  // the area code is missing
    case PhoneNumberUtil::INVALID_COUNTRY_CODE: return PhoneError::unknown_country_code;
    case PhoneNumberUtil::TOO_SHORT: return PhoneError::too_short;
    case PhoneNumberUtil::INVALID_LENGTH: return PhoneError::impossible;
    case PhoneNumberUtil::TOO_LONG: return PhoneError::too_long;
  }
  if (is_longer_than_its_range(number)) return PhoneError::too_long;
  if (is_shorter_than_its_range(number)) return PhoneError::too_short;
  return std::nullopt;
}

}  // namespace xion::phone_plan
