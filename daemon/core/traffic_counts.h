#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/container/flat_hash_map.h>

#include "base/time.h"
#include "core/otp.h"
#include "core/pumping_guard.h"
#include "core/traffic_keys.h"

namespace xion {

/// What the pumping guard counts, in memory: unverified sends and verified requests of the last day, in slots of ten
/// minutes, so that a window is up to ten minutes longer than it says; and the best verified day of each subject.
/// About half a million subjects at most are kept, those with traffic lately.
class TrafficCounts {
 public:
  /// A send that is not verified yet.
  void sent(const TrafficKey& key, WallTime at) { entry(key, at).unverified++; }
  /// One request was verified, and its sends, made at `sent_at`, are no longer unverified.
  void verified(const TrafficKey& key, WallTime at, const std::vector<WallTime>& sent_at);
  /// All that a request which is read back from the log counts for now.
  void restore(const Otp& otp);

  Traffic read(const TrafficKey& key, WallTime now) const;

  /// The last day (UTC, days since 1970) that was closed; nothing: none yet.
  std::optional<std::int32_t> closed_day() const { return closed_day_; }
  /// Keeps the verified counts of a day that is over; gives the octets from which `restore_day` brings them back.
  /// Empty: the day had none worth keeping.
  std::string close_day(std::int32_t day);
  /// False where the octets are corrupt or of a newer format.
  bool restore_day(std::int32_t day, std::string_view row);

  void clear();
  std::size_t subjects() const { return young_.size() + old_.size(); }

 private:
  struct Slot {
    std::uint32_t number = 0;   ///< Ten minutes since 1970.
    std::uint16_t country = 0;  ///< Only an address has several in one slot.
    std::uint32_t unverified = 0;
    std::uint32_t verified = 0;
  };
  using Slots = std::vector<Slot>;  ///< Oldest first.
  struct DayCount {
    std::int32_t day = 0;
    std::uint32_t verified = 0;
  };
  static std::uint64_t name_of(const TrafficKey& key);
  Slots& slots(std::uint64_t name);
  const Slots* find(std::uint64_t name) const;
  Slot& entry(const TrafficKey& key, WallTime at);
  void keep_day(std::uint64_t name, DayCount count);

  absl::flat_hash_map<std::uint64_t, Slots> young_, old_;  ///< A full young one takes the place of the old one.
  absl::flat_hash_map<std::uint64_t, std::vector<DayCount>> days_;
  std::optional<std::int32_t> closed_day_;
};

}  // namespace xion
