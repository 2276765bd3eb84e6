#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include "base/time.h"
#include "core/guard/pumping_guard.h"
#include "core/guard/traffic_keys.h"
#include "core/otp/otp.h"

namespace xion {

/// What one subject counts in ten minutes.
struct TrafficSlot {
  std::uint32_t number = 0;   ///< Ten minutes since 1970.
  std::uint16_t country = 0;  ///< Only an end user has several in one slot.
  std::int32_t unverified = 0;
  std::int32_t verified = 0;

  static constexpr std::chrono::minutes length{10};
  WallTime begin() const { return WallTime{length * number}; }
};

/// Where counts are kept that outlive a process, and those for which there is no room in memory. Names stand for
/// subjects.
class TrafficLedger {
 public:
  virtual ~TrafficLedger() = default;
  /// What all that was added comes to, by slot, in any order and in parts; yesterday's and today's at least.
  virtual void read(std::uint64_t name, std::vector<TrafficSlot>& slots) = 0;
  /// By so much more, or less, is counted.
  virtual void add(std::uint64_t name, const TrafficSlot& more) = 0;
  /// The subject has a day worth keeping: `close_day` asks for its count.
  virtual void note_busy(std::int32_t day, std::uint64_t name) = 0;
};

/// Of one day: subjects, and how many were verified of each; as octets, and back. Nothing: they are corrupt, or of a
/// newer format.
using VerifiedOfDay = std::vector<std::pair<std::uint64_t, std::uint32_t>>;
std::string to_day_row(const VerifiedOfDay& verified);
std::optional<VerifiedOfDay> verified_from_day_row(std::string_view row);

/// What the pumping guard counts: unverified sends and verified requests of the last day, in slots of ten minutes, so
/// that a window is up to ten minutes longer than it says; and the best verified day of each subject.
///
/// Subjects with traffic lately are in memory. With a ledger the others are read from it when they are asked for;
/// without one they are forgotten.
class TrafficCounts {
 public:
  explicit TrafficCounts(TrafficLedger* ledger = nullptr, std::size_t subjects_of_generation = subjects_as_a_rule)
      : ledger_(ledger), subjects_of_generation_(subjects_of_generation) {}

  /// A send that is not verified yet.
  void sent(const TrafficKey& key, WallTime at) { count(key, at, 1, 0); }
  /// One request was verified, and its sends, made at `sent_at`, are no longer unverified.
  void verified(const TrafficKey& key, WallTime at, const std::vector<WallTime>& sent_at);
  /// All that a request which is read back from the log counts for now.
  void restore(const Otp& otp);

  Traffic read(const TrafficKey& key, WallTime now);

  /// What stands for a subject in ledgers and days: the same in every process.
  static std::uint64_t name_of(const TrafficKey& key);

  /// The last day (UTC, days since 1970) that was closed; nothing: none yet.
  std::optional<std::int32_t> closed_day() const { return closed_day_; }
  struct ClosedDay {
    std::int32_t day = 0;
    std::string row;  ///< From which `restore_day` brings it back. Empty: it had no count worth keeping.
  };
  /// Keeps the verified counts of a day that is over, of so many subjects at a time, since each may have to be read
  /// from the ledger. Nothing: there are more; the next call goes on, whichever day it names.
  std::optional<ClosedDay> close_some(std::int32_t day, std::size_t subjects);
  /// All of it; gives the row.
  std::string close_day(std::int32_t day);
  /// False where the octets are corrupt or of a newer format.
  bool restore_day(std::int32_t day, std::string_view row);
  /// By another process before this one, which has restored it.
  void day_was_closed(std::int32_t day) { closed_day_ = day; }
  /// As the ledger was told before.
  void restore_busy(std::int32_t day, std::uint64_t name) { busy_[day].insert(name); }

  void clear();
  std::size_t subjects() const { return young_.size() + old_.size(); }

 private:
  /// 7/8 of a power of two: absl's table is full then.
  static constexpr std::size_t subjects_as_a_rule = 114'688;
  using Slots = std::vector<TrafficSlot>;  ///< Oldest first.
  struct DayCount {
    std::int32_t day = 0;
    std::uint32_t verified = 0;
  };
  Slots& slots(std::uint64_t name);
  void read_ledger(std::uint64_t name, Slots& slots);
  static TrafficSlot& slot(Slots& slots, std::uint32_t number, std::uint16_t country);
  void count(const TrafficKey& key, WallTime at, std::int32_t unverified, std::int32_t verified);
  void note_busy(std::int32_t day, std::uint64_t name, const Slots& slots);
  void keep_day(std::uint64_t name, DayCount count);
  void begin_closing(std::int32_t day);

  TrafficLedger* ledger_;
  std::size_t subjects_of_generation_;
  absl::flat_hash_map<std::uint64_t, Slots> young_, old_;  ///< A full young one takes the place of the old one.
  absl::flat_hash_map<std::uint64_t, std::vector<DayCount>> days_;
  absl::flat_hash_map<std::int32_t, absl::flat_hash_set<std::uint64_t>> busy_;  ///< By days that are not closed.
  std::optional<std::int32_t> closed_day_;
  struct Closing {
    std::int32_t day = 0;
    std::vector<std::uint64_t> left;
    VerifiedOfDay kept;
  };
  std::optional<Closing> closing_;
};

}  // namespace xion
