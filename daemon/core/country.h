#pragma once
#include <string>
#include <string_view>

namespace xion {

/// Whether it is the code of a country, or territory, that has phone numbers: two capital letters of ISO 3166, such as
/// "AM". Source: libphonenumber's regions.
bool is_country_code(std::string_view text);
/// What its numbers begin with, "+374"; empty: there is no such country.
std::string beginning_of_numbers(std::string_view country);

/// What was probably meant by a text that is no country's code: "am" → "AM", "UK" → "GB"; empty where that isn't known.
std::string country_meant_by(std::string_view text);

}  // namespace xion
