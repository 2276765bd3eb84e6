#pragma once
#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "core/ids.h"

namespace xion {

/// What requests are found by exactly.
enum class SearchKind : std::uint8_t { phone, reference };
inline constexpr std::size_t search_kinds = 2;

/// One request under a hash of its phone or of its reference. 32 bits: a request found in vain costs one look at it.
struct SearchEntry {
  std::uint32_t hash = 0;
  OtpId id;
  auto operator<=>(const SearchEntry&) const = default;
};

/// Tests make them small. A segment has at most 64 blocks, a block at most 256 requests.
struct SearchSizes {
  std::size_t segment_requests = 16'384;  ///< What is sealed at once: some 650 KiB, 5 ms.
  std::size_t block_requests = 256;
  /// The newest: their order may still change, and above all what comes of them, which then costs nothing.
  std::size_t left_unsealed = 114'688;
  std::size_t segments_at_once = 8;      ///< That are sealed where a whole log is.
  std::size_t fan_in = 4;                ///< Runs that become one.
  std::size_t step_inserts = 384;        ///< After so many new requests …
  std::size_t step_entries = 6'144;      ///< … so many entries are merged. Each is, with ten million, five times.
  std::size_t classes_kept = 512;        ///< Of a segment, in memory.
  std::size_t changes_kept = 32'768;     ///< Classes of sealed requests that changed, before their blocks are written.
  std::size_t blocks_rewritten = 8;      ///< By one transaction.
  std::size_t blocks_looked_at = 2'000;  ///< By one search, at most.
};

/// The newest of the ids that come, so many.
class NewestIds {
 public:
  explicit NewestIds(std::size_t limit) : limit_(limit) {}
  std::size_t limit() const { return limit_; }
  void add(const OtpId& id) { ids_.push_back(id); }
  /// No id up to `newest` can be one of them any more.
  bool is_settled(const OtpId& newest) {
    if (ids_.size() < limit_) return false;
    trim();
    return ids_.size() == limit_ && ids_.back() > newest;
  }
  std::vector<OtpId> take() {
    trim();
    return std::move(ids_);
  }

 private:
  void trim() {
    std::ranges::sort(ids_, std::greater<>());
    ids_.erase(std::unique(ids_.begin(), ids_.end()), ids_.end());
    if (ids_.size() > limit_) ids_.resize(limit_);
  }

  std::size_t limit_;
  std::vector<OtpId> ids_;
};

}  // namespace xion
