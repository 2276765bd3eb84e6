#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/guard/traffic_counts.h"

namespace xion {

/// What the pumping guard has counted of one subject: the slots of yesterday and today, and how many were verified on
/// each of the fifteen days before. What that means is `TrafficCounts`' to say, for which it is a ledger.
class TrafficRow final : public TrafficLedger {
 public:
  TrafficRow() = default;
  /// A row of a newer format reads as one that is empty.
  explicit TrafficRow(std::string_view octets);
  std::string octets() const;

  /// Slots that have gone by become days.
  void pass_to(WallTime now);
  /// Brings back the days before today.
  void restore_days(TrafficCounts& counts, const TrafficKey& key, WallTime now) const;

  /// Verified on days that are over, those of the slots that are before `before` included.
  std::map<std::int32_t, std::uint32_t> verified_by_day(std::int32_t before) const;
  /// What another node has counted.
  void add(const TrafficRow& other);
  void set_day(std::int32_t day, std::uint32_t verified) { days_[day] = verified; }

  void read(std::uint64_t name, std::vector<TrafficSlot>& slots) override;
  void add(std::uint64_t name, const TrafficSlot& more) override;
  void note_busy(std::int32_t, std::uint64_t) override {}

 private:
  std::vector<TrafficSlot> slots_;
  std::map<std::int32_t, std::uint32_t> days_;  ///< Verified on a day of which there are no slots any more.
};

}  // namespace xion
