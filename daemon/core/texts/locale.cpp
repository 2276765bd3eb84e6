#include "core/texts/locale.h"

#include <algorithm>
#include <array>

namespace xion {
namespace {

/// A country of many languages stays with English.
struct Readers {
  std::string_view language;
  std::string_view countries;
};
constexpr Readers readers[] = {
    {"hy", "AM"},
    {"ru", "RU BY KZ KG"},
    {"es", "ES AR BO CL CO CR CU DO EC GQ GT HN MX NI PA PE PR PY SV UY VE"},
    {"fr", "FR BF BJ CD CF CG CI GA GF GN GP HT MC ML MQ NE PF RE SN TG YT"},
    {"de", "DE AT CH LI"},
    {"pt", "PT AO BR CV GW MZ ST"},
    {"ar", "AE BH DZ EG IQ JO KW LB LY MA MR OM PS QA SA SD SY TN YE"},
    {"tr", "TR"},
    {"uk", "UA"},
    {"zh", "CN"},
    {"zh-hant", "TW HK MO"},
    {"it", "IT SM VA"},
    {"pl", "PL"},
    {"nl", "NL SR"},
    {"ja", "JP"},
    {"ko", "KR KP"},
    {"id", "ID"},
    {"vi", "VN"},
    {"th", "TH"},
    {"fa", "IR"},
    {"he", "IL"},
    {"ka", "GE"},
    {"ro", "RO MD"},
    {"bg", "BG"},
    {"el", "GR CY"},
    {"cs", "CZ"},
    {"sv", "SE"},
    {"uz", "UZ"},
};

constexpr std::array<std::string_view, 3> traditional_regions{"-tw", "-hk", "-mo"};

}  // namespace

std::string_view language_of_country(std::string_view country) {
  if (country.size() != 2) return "en";
  for (const auto& [language, countries] : readers) {
    if (countries.find(country) != std::string_view::npos) return language;
  }
  return "en";
}

std::string normalized_locale(std::string_view locale) {
  std::string tag(locale);
  for (char& c : tag) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '_' ? '-' : c;
  return tag;
}

std::vector<std::string> locale_chain(std::string_view locale, std::string_view country) {
  std::string tag = normalized_locale(locale.empty() ? language_of_country(country) : locale);
  std::vector<std::string> chain;
  const bool is_traditional =
      tag.starts_with("zh-") && tag.find("-hans") == std::string::npos &&
      (tag.find("-hant") != std::string::npos ||
       std::ranges::any_of(traditional_regions, [&](auto part) { return tag.find(part) != std::string::npos; }));
  while (!tag.empty()) {
    if (tag == "zh" && is_traditional && std::ranges::find(chain, "zh-hant") == chain.end())
      chain.emplace_back("zh-hant");
    chain.push_back(tag);
    std::size_t dash = tag.rfind('-');
    // A singleton such as "x" goes with what follows it. RFC 4647 §3.4.
    if (dash != std::string::npos && dash >= 2 && tag[dash - 2] == '-') dash -= 2;
    tag.resize(dash == std::string::npos ? 0 : dash);
  }
  return chain;
}

}  // namespace xion
