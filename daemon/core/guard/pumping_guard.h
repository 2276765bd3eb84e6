#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/settings.h"

namespace xion {

/// What a budget is counted for, of one app: where messages go to, or which address or user they were asked
/// for by.
enum class TrafficOf : std::uint8_t { country, prefix, user_ip, user_id };
/// Whether its countries are counted apart: a subject that asks, not one that is sent to.
constexpr bool is_of_end_user(TrafficOf subject) {
  return subject == TrafficOf::user_ip || subject == TrafficOf::user_id;
}
std::string_view to_string(TrafficOf subject);

/// An app's traffic with one subject. An unverified send is a message whose request is not verified (yet).
struct Traffic {
  std::uint64_t unverified_day = 0;  ///< Sends in the last 24 h.
  std::uint64_t unverified_hour = 0;
  std::uint64_t verified_day = 0;  ///< Requests verified in the last 24 h.
  std::uint64_t verified_hour = 0;
  std::uint64_t best_verified_day = 0;  ///< Of the 14 days before today, UTC.
  std::uint32_t other_countries =
      0;  ///< Of an end user: countries of the day with unverified sends only, but this one.
};

/// For so long from its first verification on an app's budgets are only told of, since its best day is not known yet.
inline constexpr std::chrono::days guard_warm_up{14};

/// What the guard does for an app now.
struct GuardStage {
  GuardMode mode = GuardMode::record;  ///< Never `automatic`.
  /// Who never verified is held to the budgets of a day alone: somebody tries things out.
  bool is_untried = false;
  std::optional<WallTime> enforces_from;  ///< Of what is recorded until then.
};
GuardStage guard_stage(GuardMode mode, const std::optional<WallTime>& first_verified, WallTime now);

/// A budget that one more send would be over.
struct GuardFinding {
  TrafficOf subject = TrafficOf::country;
  std::string_view budget;  ///< "daily", "hourly" or "countries".
  std::uint64_t used = 0;   ///< Without this send.
  std::uint64_t allowed = 0;
  /// "prefix_hourly": what the timeline and the log say.
  std::string rule() const;
};
/// The finding's bit in `PolicyEvent::guard_rules`; 0: it has none, and is told in words.
std::uint8_t guard_rule_bit(const GuardFinding& finding);

/// How many unverified sends in 24 h a subject may have: max(floor, share × best day, share × verified in 24 h).
/// Rounded down.
std::uint64_t daily_budget(const GuardSettings& settings, const Traffic& traffic);
/// … in an hour: max(floor, share × best day ÷ 6, share × verified in 1 h).
std::uint64_t hourly_budget(const GuardSettings& settings, const Traffic& traffic);

/// The budgets that one more send of this subject would be over; none: it is covered.
std::vector<GuardFinding> check_traffic(const GuardSettings& settings, TrafficOf subject, const Traffic& traffic);

}  // namespace xion
