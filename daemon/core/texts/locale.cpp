#include "core/texts/locale.h"

#include <algorithm>
#include <array>
#include <cstdint>

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

/// What older systems (Java before 17, Android, phones' settings) say for what has another name now. Source: IANA's
/// registry of language subtags, Preferred-Value; CLDR's aliases for "no" and "tl".
struct OldTag {
  std::string_view old;
  std::string_view now;
};
constexpr OldTag old_tags[] = {{"iw", "he"}, {"in", "id"}, {"ji", "yi"}, {"no", "nb"}, {"tl", "fil"}};

constexpr std::array<std::string_view, 3> traditional_regions{"-tw", "-hk", "-mo"};

/// ISO 639-1, then those of ISO 639-2 and -3 in the Unicode CLDR that have no shorter name.
constexpr std::string_view languages =
    " aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka "
    "kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng "
    "nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su "
    "sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "
    "agq arz ars asa ast bal bas bem bez bgc bgn bho blo brx ccp ceb cgg chr ckb cnr csb csw doi dsb dua dyo ebu ewo "
    "fil fur gsw guz haw hmn hsb hmo ilo jgo jmc kab kam kde kea kgp khq kkj kln kmr kok ksb ksf ksh kxv lag lij lkt "
    "lmo "
    "lrc luo luy mai mas mer mfe mgh mgo mni mua mus mzn naq nds nmg nnh nqo nus nyn osa pap pcm prg quc rhg rif rof "
    "rwk "
    "sah saq sat sbp scn seh ses shi shn smj smn sms ssy syr szl teo tig tok trv trw twq tyv tzm vai vec vmw vun wae "
    "wal "
    "wbp xnr xog yav yrl yue zgh ";

bool is_whole(std::string_view part, bool (*fits)(char)) { return std::ranges::all_of(part, fits); }
bool is_tag_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_tag_digit(char c) { return c >= '0' && c <= '9'; }
bool is_tag_character(char c) { return is_tag_letter(c) || is_tag_digit(c); }

/// A part behind the language: each kind once, in this order.
enum class TagPart : std::uint8_t { language, script, region, variant };
bool fits_after(std::string_view part, TagPart& last) {
  if (!is_whole(part, is_tag_character)) return false;
  const bool is_region =
      (part.size() == 2 && is_whole(part, is_tag_letter)) || (part.size() == 3 && is_whole(part, is_tag_digit));
  const bool is_variant = (part.size() >= 5 && part.size() <= 8) || (part.size() == 4 && is_tag_digit(part.front()));
  const TagPart kind = part.size() == 4 && is_whole(part, is_tag_letter) ? TagPart::script
                       : is_region                                       ? TagPart::region
                       : is_variant                                      ? TagPart::variant
                                                                         : TagPart::language;
  if (kind == TagPart::language || (kind <= last && kind != TagPart::variant)) return false;
  last = kind;
  return true;
}

}  // namespace

bool is_language(std::string_view tag) {
  const auto end = tag.find('-');
  const std::string_view language = tag.substr(0, end);
  const bool is_known = (language.size() == 2 || language.size() == 3) && is_whole(language, is_tag_letter) &&
                        languages.contains(" " + std::string(language) + " ");
  if (!is_known || end == std::string_view::npos) return is_known;
  TagPart last = TagPart::language;
  for (std::string_view rest = tag.substr(end + 1);;) {
    const auto next = rest.find('-');
    if (!fits_after(rest.substr(0, next), last)) return false;
    if (next == std::string_view::npos) return true;
    rest.remove_prefix(next + 1);
  }
}

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
  const std::size_t end = std::min(tag.find('-'), tag.size());
  const std::string_view language = std::string_view(tag).substr(0, end);
  const auto* const old = std::ranges::find(old_tags, language, &OldTag::old);
  if (old != std::end(old_tags)) tag.replace(0, end, old->now);
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
