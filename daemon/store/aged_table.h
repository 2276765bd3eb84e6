#pragma once
#include <cstddef>
#include <deque>

#include <absl/container/flat_hash_map.h>

#include "base/time.h"
#include "store/siphash.h"

namespace xion {

/// A bounded hash table that forgets its oldest entries without keeping their order: entries fill one slice after the
/// other, and a whole slice is dropped when its newest entry is over, or when there are too many of them. So an entry
/// costs no octet for its age, forgetting takes no time, and no slice ever grows so far that rehashing it stalls a
/// commit.
template <typename Value>
class AgedTable {
 public:
  /// `slice_entries` is best 7/8 of a power of two: that much absl's table holds before it doubles.
  AgedTable(std::size_t slice_entries, std::size_t slices_at_most)
      : slice_entries_(slice_entries), slices_at_most_(slices_at_most) {}

  const Value* find(const Hash128& key) const {
    for (auto slice = slices_.rbegin(); slice != slices_.rend(); ++slice)
      if (const auto at = slice->entries.find(key); at != slice->entries.end()) return &at->second;
    return nullptr;
  }

  /// Takes the place of an entry of the same key. `at` is what `forget` compares.
  void set(const Hash128& key, const Value& value, WallTime at) {
    erase(key);
    add(key, value, at);
  }
  /// As `set`, where there is no such entry or an older one may stay below it: spares looking for it. `find` gives the
  /// latest.
  void add(const Hash128& key, const Value& value, WallTime at) {
    if (slices_.empty() || slices_.back().entries.size() >= slice_entries_) {
      if (slices_.size() == slices_at_most_) slices_.pop_front();
      slices_.emplace_back();
      // Where one was filled the next will be: made in its size, it is never hashed again.
      if (slices_.size() > 1) slices_.back().entries.reserve(slice_entries_);
    }
    auto& slice = slices_.back();
    slice.entries.insert_or_assign(key, value);
    if (slice.newest < at) slice.newest = at;
  }

  void erase(const Hash128& key) {
    for (auto slice = slices_.rbegin(); slice != slices_.rend(); ++slice)
      if (slice->entries.erase(key) > 0) return;
  }

  /// Drops slices in which everything is older than `before`. Single entries may stay longer: who reads them checks.
  void forget(WallTime before) {
    while (!slices_.empty() && slices_.front().newest < before) slices_.pop_front();
  }

  void clear() { slices_.clear(); }

  std::size_t size() const {
    std::size_t entries = 0;
    for (const auto& slice : slices_) entries += slice.entries.size();
    return entries;
  }

 private:
  struct Slice {
    absl::flat_hash_map<Hash128, Value, HashOfHash128> entries;
    WallTime newest{};
  };
  std::size_t slice_entries_;
  std::size_t slices_at_most_;
  std::deque<Slice> slices_;  ///< Newest last.
};

}  // namespace xion
