#include "api/call/phone_cache.h"

#include <algorithm>

namespace xion {
namespace {

/// No spelling of a number is longer. Characters.
constexpr std::ptrdiff_t text_limit = 64;

/// Octets that begin a character of UTF-8.
bool is_too_long(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }) > text_limit ||
         text.size() > 4 * static_cast<std::size_t>(text_limit);
}

}  // namespace

std::expected<Phone, PhoneError> PhoneCache::parse(std::string_view text, std::string_view country) {
  if (is_too_long(text)) return std::unexpected(PhoneError::too_long);
  question_.assign(country).append("\n").append(text);
  if (const auto known = by_question_.find(question_); known != by_question_.end()) {
    entries_.splice(entries_.begin(), entries_, known->second);
    return known->second->second;
  }
  auto phone = parse_phone(text, country);
  if (!phone) return phone;
  if (entries_.size() == limit_) {
    by_question_.erase(entries_.back().first);
    entries_.pop_back();
  }
  entries_.emplace_front(question_, *phone);
  by_question_.emplace(entries_.front().first, entries_.begin());
  return phone;
}

}  // namespace xion
