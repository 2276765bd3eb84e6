#include "core/country.h"

#include <algorithm>
#include <utility>

#include <phonenumbers/phonenumberutil.h>

namespace xion {
namespace {

/// What people write for a country whose code is another.
constexpr std::pair<std::string_view, std::string_view> other_names[] = {
    {"UK", "GB"},  {"EL", "GR"},  {"SU", "RU"},  {"YU", "RS"},  {"ARM", "AM"}, {"GEO", "GE"}, {"RUS", "RU"},
    {"USA", "US"}, {"GBR", "GB"}, {"DEU", "DE"}, {"FRA", "FR"}, {"ITA", "IT"}, {"ESP", "ES"}, {"ARE", "AE"},
    {"UAE", "AE"}, {"IND", "IN"}, {"CHN", "CN"}, {"TUR", "TR"}, {"UKR", "UA"}, {"KAZ", "KZ"}};

}  // namespace

bool is_country_code(std::string_view text) {
  const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (text.size() != 2 || !std::ranges::all_of(text, is_capital)) return false;
  return i18n::phonenumbers::PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(std::string(text)) != 0;
}

std::string country_meant_by(std::string_view text) {
  std::string capitals(text);
  std::ranges::transform(capitals, capitals.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  const auto* other =
      std::ranges::find(other_names, std::string_view(capitals), &std::pair<std::string_view, std::string_view>::first);
  if (other != std::end(other_names)) return std::string(other->second);
  return is_country_code(capitals) ? capitals : std::string();
}

std::string beginning_of_numbers(std::string_view country) {
  const int code = i18n::phonenumbers::PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(std::string(country));
  return code == 0 ? std::string() : "+" + std::to_string(code);
}

}  // namespace xion
