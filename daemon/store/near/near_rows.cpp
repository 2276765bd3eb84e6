#include "store/near/near_rows.h"

#include <algorithm>
#include <iterator>

namespace xion {

std::uint64_t NearRows::first_octets(std::string_view key) {
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < sizeof first; ++i)
    first = first << 8 | (i < key.size() ? static_cast<std::uint8_t>(key[i]) : 0);
  return first;
}

void NearRows::count(const NearRow& row) {
  memory_octets_ += row.memory_octets();
  surplus_ += static_cast<int>(!row.is_erased) - static_cast<int>(row.is_below);
}

void NearRows::forget(const NearRow& row) {
  memory_octets_ -= row.memory_octets();
  surplus_ -= static_cast<int>(!row.is_erased) - static_cast<int>(row.is_below);
}

NearRow* NearRows::insert(NearRow::Owner row) {
  NearRow* const inserted = row.get();
  count(*inserted);
  rows_.insert(rows_.end(), Place(std::move(row)));  // Most come last.
  return inserted;
}

NearRow::Owner NearRows::replace(NearRow::Owner row) {
  const auto at = rows_.find(Sought(row->key()));
  forget(*at->row);
  count(*row);
  return std::exchange(at->row, std::move(row));
}

void NearRows::put(NearRow::Owner row) {
  const Sought sought(row->key());
  const auto at = rows_.lower_bound(sought);
  count(*row);
  if (at == rows_.end() || InOrder()(sought, *at)) {
    rows_.insert(at, Place(std::move(row)));
  } else {
    forget(*at->row);
    at->row = std::move(row);
  }
}

void NearRows::erase(std::string_view key) {
  const auto at = rows_.find(Sought(key));
  if (at == rows_.end()) return;
  forget(*at->row);
  rows_.erase(at);
}

void NearRows::erase_first(std::size_t count) {
  auto end = rows_.begin();
  for (; count > 0 && end != rows_.end(); --count, ++end) forget(*end->row);
  rows_.erase(rows_.begin(), end);
}

void NearRows::clear() {
  rows_.clear();
  memory_octets_ = 0;
  surplus_ = 0;
}

}  // namespace xion
