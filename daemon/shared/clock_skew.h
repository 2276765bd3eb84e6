#pragma once
#include <optional>

#include "base/time.h"

/// How far this machine's clock is from the database's, by which all nodes can be compared. Pure.
namespace xion {

/// Codes end by the clock of whoever verifies them, so that this much is told.
inline constexpr Millis skew_told{1'000};
/// And with more than this a node does not join.
inline constexpr Millis skew_refused{5'000};

/// By how much the own clock is ahead, where the answer came at `answered_at` after `round_trip`, half of it after the
/// database had looked. Nothing: it took so long that nobody can tell.
std::optional<Millis> clock_skew(WallTime answered_at, Millis round_trip, WallTime database_clock);

/// By how much it is ahead at least, however the round trip was divided: the first one brings a connection with it.
Millis least_clock_skew(WallTime answered_at, Millis round_trip, WallTime database_clock);

/// Whether a clock that was told to be off, or was not, is to be told so: one that is near the limit is not told again
/// and again.
bool is_clock_off(Millis skew, bool was_off);

}  // namespace xion
