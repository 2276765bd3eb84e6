#include "shared/clock_skew.h"

#include <algorithm>
#include <chrono>

namespace xion {
namespace {

constexpr Millis longest_round_trip{500};
/// A clock that was off is right again below this.
constexpr Millis skew_over{800};

}  // namespace

std::optional<Millis> clock_skew(WallTime answered_at, Millis round_trip, WallTime database_clock) {
  if (round_trip > longest_round_trip) return std::nullopt;
  return std::chrono::duration_cast<Millis>(answered_at - database_clock) - round_trip / 2;
}

Millis least_clock_skew(WallTime answered_at, Millis round_trip, WallTime database_clock) {
  const Millis most = std::chrono::duration_cast<Millis>(answered_at - database_clock), least = most - round_trip;
  return least > Millis{0} ? least : std::min(most, Millis{0});
}

bool is_clock_off(Millis skew, bool was_off) { return std::chrono::abs(skew) > (was_off ? skew_over : skew_told); }

}  // namespace xion
