#include "smpp/window.h"

#include <algorithm>

#include "base/assert.h"

namespace xion::smpp {

void Window::put(const Entry& entry) {
  XION_ASSERT(entries_.size() < capacity_);
  XION_ASSERT(!contains(entry.sequence));
  XION_ASSERT(entries_.empty() || entries_.back().deadline <= entry.deadline);
  entries_.push_back(entry);
}

std::optional<Window::Entry> Window::take(std::uint32_t sequence) {
  const auto found = std::ranges::find(entries_, sequence, &Entry::sequence);
  if (found == entries_.end()) return std::nullopt;
  const Entry entry = *found;
  entries_.erase(found);
  return entry;
}

std::optional<Window::Entry> Window::take_expired(MonoTime now) {
  if (entries_.empty() || entries_.front().deadline > now) return std::nullopt;
  const Entry entry = entries_.front();
  entries_.pop_front();
  return entry;
}

std::vector<Window::Entry> Window::take_all() {
  std::vector<Entry> all(entries_.begin(), entries_.end());
  entries_.clear();
  return all;
}

bool Window::contains(std::uint32_t sequence) const {
  return std::ranges::find(entries_, sequence, &Entry::sequence) != entries_.end();
}

std::optional<MonoTime> Window::next_deadline() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.front().deadline;
}

void LateTable::put(std::uint32_t sequence, Token token) {
  if (entries_.size() >= capacity_) entries_.pop_front();
  entries_.push_back({sequence, token});
}

std::optional<Token> LateTable::take(std::uint32_t sequence) {
  const auto found = std::ranges::find(entries_, sequence, &Entry::sequence);
  if (found == entries_.end()) return std::nullopt;
  const Token token = found->token;
  entries_.erase(found);
  return token;
}

bool LateTable::contains(std::uint32_t sequence) const {
  return std::ranges::find(entries_, sequence, &Entry::sequence) != entries_.end();
}

}  // namespace xion::smpp
