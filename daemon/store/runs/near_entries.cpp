#include "store/runs/near_entries.h"

namespace xion {

bool NearEntries::insert(const RunEntry& entry) {
  auto& part = parts_[part_of(entry)];
  if (entry.kind() == RunKind::traffic) {
    const auto same = part.lower_bound({entry.name, entry.when, 0});
    if (same != part.end() && same->adds_to(entry)) {
      same->value = sum_of(same->value, entry.value);
      return true;
    }
  }
  const bool is_new = part.insert(entry).second;
  size_ += is_new ? 1 : 0;
  return is_new;
}

void NearEntries::collect(const RunEntry& first, const RunEntry& last, std::size_t limit,
                          std::vector<RunEntry>& found) const {
  const auto& part = parts_[part_of(last)];
  auto at = part.upper_bound(last);
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
    for (auto at = after ? part.upper_bound(*after) : part.begin(); at != part.end(); ++at)
      if (!visit(*at)) return false;
  }
  return true;
}

void NearEntries::clear() {
  if (empty()) return;
  for (auto& part : parts_) part.clear();
  size_ = 0;
}

}  // namespace xion
