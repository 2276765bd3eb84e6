#include "api/call/phone_cache.h"

#include <algorithm>
#include <functional>

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
  Pair& pair = pairs_[std::hash<std::string_view>{}(question_) % pairs_.size()];
  for (Entry& entry : pair.entries) {
    if (entry.question != question_) continue;
    pair.latest = static_cast<std::size_t>(&entry - pair.entries.data());
    return entry.phone;
  }
  auto phone = parse_phone(text, country);
  if (!phone) return phone;
  pair.latest = 1 - pair.latest;
  Entry& entry = pair.entries[pair.latest];
  if (entry.question.empty()) ++size_;
  entry = {question_, *phone};
  return phone;
}

}  // namespace xion
