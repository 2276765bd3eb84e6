#include "store/search/search_tail.h"

#include <algorithm>

namespace xion {
namespace {

/// Calls `found` with the places of a column that `is` is true of, from the last before `end` down, until it says no.
/// Some at a time are looked at without a branch, since hardly any are it: that is a few octets a cycle.
template <typename Column, typename Is, typename Found>
void for_each_back(const Column& column, std::size_t end, Is is, Found found) {
  constexpr std::size_t at_once = 64;
  while (end > 0) {
    const std::size_t begin = end - std::min(end, at_once);
    bool is_any = false;
    for (std::size_t i = begin; i < end; ++i) is_any |= is(column[i]);
    for (std::size_t i = end; is_any && i-- > begin;) {
      if (is(column[i]) && !found(i)) return;
    }
    end = begin;
  }
}

}  // namespace

void SearchTail::clear() { *this = {}; }

void SearchTail::insert(const Row& row) {
  const auto at = ids_.empty() || ids_.back() < row.id ? ids_.end() : std::ranges::lower_bound(ids_, row.id);
  const auto n = at - ids_.begin();
  ids_.insert(at, row.id);
  classes_.insert(classes_.begin() + n, row.of);
  for (std::size_t kind = 0; kind < search_kinds; ++kind)
    hashes_[kind].insert(hashes_[kind].begin() + n, row.hashes[kind]);
  add_names(row);
}

bool SearchTail::set(const Row& row) {
  const auto at = std::ranges::lower_bound(ids_, row.id);
  if (at == ids_.end() || *at != row.id) return false;
  const auto n = static_cast<std::size_t>(at - ids_.begin());
  classes_[n] = row.of;
  for (std::size_t kind = 0; kind < search_kinds; ++kind) hashes_[kind][n] = row.hashes[kind];
  add_names(row);
  return true;
}

/// Those that it has not yet: a resend may bring others. What it had before is looked at in vain.
void SearchTail::add_names(const Row& row) {
  const auto [first, last] = std::ranges::equal_range(names_, row.id, {}, &SearchEntry::id);
  std::vector<SearchEntry> fresh;
  for (const std::uint32_t hash : row.names)
    if (std::find(first, last, SearchEntry{hash, row.id}) == last) fresh.push_back({hash, row.id});
  names_.insert(last, fresh.begin(), fresh.end());
}

std::size_t SearchTail::end_before(std::optional<OtpId> before) const {
  return before ? static_cast<std::size_t>(std::ranges::lower_bound(ids_, *before) - ids_.begin()) : ids_.size();
}

void SearchTail::collect(SearchKind kind, std::uint32_t hash, std::optional<OtpId> before, NewestIds& found) const {
  const auto& hashes = hashes_[static_cast<std::size_t>(kind)];
  add_where(hashes, [hash](std::uint32_t of) { return of == hash; }, before, found);
}

void SearchTail::collect_named(std::uint32_t hash, std::optional<OtpId> before, NewestIds& found) const {
  auto end = before ? std::ranges::lower_bound(names_, *before, {}, &SearchEntry::id) : names_.end();
  for (std::size_t left = found.limit(); left > 0 && end != names_.begin();) {
    if ((--end)->hash != hash) continue;
    found.add(end->id);
    --left;
  }
}

void SearchTail::collect(const ClassFilter& filter, std::optional<OtpId> before, NewestIds& found) const {
  add_where(classes_, [filter](SearchClass of) { return filter.matches(of); }, before, found);
}

template <typename Column, typename Is>
void SearchTail::add_where(const Column& column, Is is, std::optional<OtpId> before, NewestIds& found) const {
  std::size_t left = found.limit();
  if (left == 0) return;
  for_each_back(column, end_before(before), is, [&](std::size_t i) {
    found.add(ids_[i]);
    return --left > 0;
  });
}

std::vector<SearchTail::Row> SearchTail::take(std::size_t count) {
  std::vector<Row> rows(std::min(count, ids_.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {ids_[i], classes_[i], {}, {}};
    for (std::size_t kind = 0; kind < search_kinds; ++kind) rows[i].hashes[kind] = hashes_[kind][i];
    for (; !names_.empty() && names_.front().id <= ids_[i]; names_.pop_front())
      if (names_.front().id == ids_[i]) rows[i].names.push_back(names_.front().hash);
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
