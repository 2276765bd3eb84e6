#include "store/runs/near_entries.h"

#include <algorithm>

namespace xion {

bool NearEntries::insert(const RunEntry& entry) {
  auto& part = parts_[part_of(entry)];
  if (entry.kind() == RunKind::traffic) {
    const auto same = std::ranges::lower_bound(part, RunEntry{entry.name, entry.when, 0});
    if (same != part.end() && same->adds_to(entry)) {
      same->value = sum_of(same->value, entry.value);
      return true;
    }
  }
  const auto at = std::ranges::lower_bound(part, entry);
  if (at != part.end() && *at == entry) return false;
  part.insert(at, entry);
  for (const std::size_t bit : {first_bit(entry.name), second_bit(entry.name)})
    names_[bit / 64] |= std::uint64_t{1} << bit % 64;
  ++size_;
  return true;
}

void NearEntries::collect(const RunEntry& first, const RunEntry& last, std::size_t limit,
                          std::vector<RunEntry>& found) const {
  if (!may_have(last.name)) return;
  const auto& part = parts_[part_of(last)];
  auto at = std::ranges::upper_bound(part, last);
  while (limit-- > 0 && at != part.begin()) {
    --at;
    if (*at < first) return;
    found.push_back(*at);
  }
}

bool NearEntries::each_after(const std::optional<RunEntry>& after,
                             absl::FunctionRef<bool(const RunEntry&)> visit) const {
  for (std::size_t i = after ? part_of(*after) : 0; i < part_count; ++i) {
    const auto& part = parts_[i];
    for (auto at = after ? std::ranges::upper_bound(part, *after) : part.begin(); at != part.end(); ++at)
      if (!visit(*at)) return false;
  }
  return true;
}

void NearEntries::clear() {
  if (empty()) return;
  for (auto& part : parts_) part = {};  // With its memory.
  std::ranges::fill(names_, 0);
  size_ = 0;
}

}  // namespace xion
