#include "api/call/phone_cache.h"

namespace xion {

std::expected<Phone, PhoneError> PhoneCache::parse(std::string_view text, std::string_view country) {
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
