#include "store/search_tail.h"

#include <algorithm>

namespace xion {

void SearchTail::clear() { *this = {}; }

void SearchTail::insert(const Row& row) {
  const auto at = ids_.empty() || ids_.back() < row.id ? ids_.end() : std::ranges::lower_bound(ids_, row.id);
  const auto n = at - ids_.begin();
  ids_.insert(at, row.id);
  classes_.insert(classes_.begin() + n, row.of);
  for (std::size_t kind = 0; kind < search_kinds; ++kind)
    hashes_[kind].insert(hashes_[kind].begin() + n, row.hashes[kind]);
}

bool SearchTail::set(const OtpId& id, SearchClass of) {
  const auto at = std::ranges::lower_bound(ids_, id);
  if (at == ids_.end() || *at != id) return false;
  classes_[static_cast<std::size_t>(at - ids_.begin())] = of;
  return true;
}

std::size_t SearchTail::end_before(std::optional<OtpId> before) const {
  return before ? static_cast<std::size_t>(std::ranges::lower_bound(ids_, *before) - ids_.begin()) : ids_.size();
}

void SearchTail::collect(SearchKind kind, std::uint32_t hash, std::optional<OtpId> before, NewestIds& found) const {
  const auto& hashes = hashes_[static_cast<std::size_t>(kind)];
  std::size_t left = found.limit();
  for (std::size_t i = end_before(before); i-- > 0 && left > 0;) {
    if (hashes[i] != hash) continue;
    found.add(ids_[i]);
    --left;
  }
}

void SearchTail::collect(const ClassFilter& filter, std::optional<OtpId> before, NewestIds& found) const {
  std::size_t left = found.limit();
  for (std::size_t i = end_before(before); i-- > 0 && left > 0;) {
    if (!filter.matches(classes_[i])) continue;
    found.add(ids_[i]);
    --left;
  }
}

std::vector<SearchTail::Row> SearchTail::take(std::size_t count) {
  std::vector<Row> rows(std::min(count, ids_.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {ids_[i], classes_[i], {}};
    for (std::size_t kind = 0; kind < search_kinds; ++kind) rows[i].hashes[kind] = hashes_[kind][i];
  }
  const auto drop = [&](auto& column) {
    column.erase(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(rows.size()));
  };
  drop(ids_);
  drop(classes_);
  for (auto& column : hashes_) drop(column);
  return rows;
}

}  // namespace xion
