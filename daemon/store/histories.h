#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "ports/stored.h"

namespace xion {

/// When things happened to phones and addresses in the last day: what limits look at. 24 octets for each event.
/// At most two million events are kept, the newest: above 23 sends a second, all day, a day's limit sees less than a
/// day.
class Histories {
 public:
  /// `identity` tells two events of one millisecond apart; noting the same event again changes nothing.
  void note(const HistoryKey& key, HistoryEntry entry, std::uint32_t identity, WallTime now);
  /// As `note`, for an event that is known to be new.
  void add(const HistoryKey& key, HistoryEntry entry, std::uint32_t identity, WallTime now);
  /// Appends the entries not before `since`, oldest slice first.
  void collect(const HistoryKey& key, WallTime since, WallTime now, std::vector<HistoryEntry>& out) const;
  /// Entries older than a day are never returned, and are dropped slice by slice.
  void forget(WallTime now);
  void clear() { slices_.clear(); }
  std::size_t size() const;

 private:
  /// The n-th event of a subject lies under its subject's name plus n steps, so that a subject with one event, nearly
  /// all of them, needs no list.
  struct Place {
    std::uint32_t high = 0, low = 0;
    bool operator==(const Place&) const = default;
  };
  struct HashOfPlace {
    std::size_t operator()(const Place& place) const {
      return (static_cast<std::size_t>(place.high) << 32) | place.low;
    }
  };
  struct Event {
    std::uint32_t at = 0;  ///< Milliseconds, modulo 2^32 (49 days).
    std::uint32_t tag = 0;
    std::uint32_t identity = 0;
  };
  struct Slice {
    absl::flat_hash_map<Place, Event, HashOfPlace> events;
    WallTime opened{}, oldest{}, newest{};
  };
  static std::uint64_t name_of(const HistoryKey& key);
  static Place place(std::uint64_t name, std::uint32_t nth);
  static std::uint32_t chain_length(const Slice& slice, std::uint64_t name);

  std::deque<Slice> slices_;  ///< Newest last.
};

}  // namespace xion
