#include "api/call/field_rules.h"

#include <algorithm>

namespace xion::field_rules {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }

/// Whether every part between separators keeps `rule`, which also gets the part's number.
template <typename Rule>
bool every_part(std::string_view text, char separator, Rule rule) {
  for (std::size_t number = 0;; ++number) {
    const auto end = text.find(separator);
    if (!rule(text.substr(0, end), number)) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

bool is_purpose(std::string_view text) {
  const auto is_allowed = [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '.' || c == '-'; };
  return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, is_allowed);
}

bool is_language_tag(std::string_view text) {
  return text.size() <= 35 && every_part(text, '-', [](std::string_view part, std::size_t number) {
           if (number == 0) return part.size() >= 2 && part.size() <= 8 && std::ranges::all_of(part, is_letter);
           return !part.empty() && part.size() <= 8 && std::ranges::all_of(part, is_letter_or_digit);
         });
}

bool is_app_hash(std::string_view text) {
  return text.size() == 11 &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; });
}

bool is_host(std::string_view text) {
  if (text.size() > 253 || text.find('.') == std::string_view::npos) return false;
  return every_part(text, '.', [](std::string_view label, std::size_t) {
    return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
           std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
  });
}

bool is_own_code(std::string_view text) {
  return text.size() >= 4 && text.size() <= 10 && std::ranges::all_of(text, is_digit);
}

bool is_short_text(std::string_view text, std::size_t max) {
  std::size_t characters = 0;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7F) return false;
    if ((octet & 0xC0) != 0x80) ++characters;
  }
  return characters >= 1 && characters <= max;
}

bool is_variable_name(std::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '_'; });
}

}  // namespace xion::field_rules

namespace xion {

bool read_bind(const JsonMember& member, Bind& bind) {
  constexpr std::size_t bind_pairs_max = 5, bind_characters_max = 128;
  if (member.pairs.empty() || member.pairs.size() > bind_pairs_max) return false;
  for (const auto& [name, value] : member.pairs) {
    if (!field_rules::is_variable_name(name) || !field_rules::is_short_text(value, bind_characters_max)) return false;
    bind.emplace_back(name, value);
  }
  bind = sorted(std::move(bind));
  return true;
}

}  // namespace xion
