#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace xion {

/// The language that most people with a number of the country read; "en" where there are several, or it is not known.
std::string_view language_of_country(std::string_view country);

/// A language tag in lower case, with dashes.
std::string normalized_locale(std::string_view locale);

/// Whether there is such a language: its first part is one of ISO 639 that software has texts in (CLDR's), the others
/// are shaped as a script, a region and variants. In lower case. Source: RFC 5646 §2.1.
bool is_language(std::string_view tag);

/// The languages to look for a text in, best first, in lower case: the tag, then shorter and shorter ones (RFC 4647
/// lookup); Chinese of Taiwan, Hong Kong and Macau by its script before plain Chinese. Without a locale, the country's
/// language.
std::vector<std::string> locale_chain(std::string_view locale, std::string_view country);

}  // namespace xion
