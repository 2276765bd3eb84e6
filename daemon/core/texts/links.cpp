#include "core/texts/links.h"

#include <algorithm>
#include <string>

#include "smpp/ascii.h"

namespace xion {
namespace {

/// Top-level domains of three letters and more that messages lead to; every one of two letters is a country's.
constexpr std::string_view top_level[] = {
    "app",  "biz",   "cfd",     "click", "club",  "com",    "dev", "example", "fun",     "info",  "int", "link",
    "live", "mobi",  "monster", "net",   "ngo",   "online", "org", "page",    "pro",     "rest",  "sbs", "shop",
    "site", "space", "store",   "tech",  "today", "top",    "vip", "web",     "website", "world", "xyz",
};

bool is_word(char c) { return smpp::ascii::is_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80; }
bool is_ascii_letter(char c) { return smpp::ascii::is_alphanumeric(c) && !smpp::ascii::is_digit(c); }

/// In lower case, with every full stop that browsers take between labels as a point. Source: UTS 46 §4.
std::string folded(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    std::size_t length = 1;
    for (const std::string_view stop : {"\xE3\x80\x82", "\xEF\xBC\x8E", "\xEF\xBD\xA1"})
      if (text.starts_with(stop)) length = stop.size();
    plain.push_back(length == 1 ? smpp::ascii::lower(text.front()) : '.');
    text.remove_prefix(length);
  }
  return plain;
}

/// Whether what follows a point ends a host's name.
bool is_top_level(std::string_view rest) {
  const auto end = std::ranges::find_if_not(rest, is_ascii_letter) - rest.begin();
  const auto label = rest.substr(0, static_cast<std::size_t>(end));
  const auto behind = rest.substr(label.size());
  if (label.size() < 2 || (!behind.empty() && (is_word(behind.front()) || behind.front() == '-'))) return false;
  return label.size() == 2 || behind.starts_with('/') || behind.starts_with(':') ||
         std::ranges::find(top_level, label) != std::end(top_level);
}

}  // namespace

bool has_link(std::string_view text) {
  const std::string plain = folded(text);
  const std::string_view all = plain;
  if (all.find("://") != std::string_view::npos || all.find("www.") != std::string_view::npos) return true;
  for (std::size_t at = all.find('.'); at != std::string_view::npos; at = all.find('.', at + 1))
    if (at > 0 && is_word(all[at - 1]) && is_top_level(all.substr(at + 1))) return true;
  return false;
}

}  // namespace xion
