#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace xion {

using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

/// A moment that outlives the process: UTC, millisecond resolution. What is stored and shown.
using WallTime = std::chrono::sys_time<Millis>;

/// The clock that never steps: for timers, time limits and latencies. Not comparable between processes.
struct MonotonicClock {
  using duration = Millis;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock, Millis>;
  static constexpr bool is_steady = true;
};
using MonoTime = MonotonicClock::time_point;

/// RFC 3339 in UTC with `Z` and whole seconds: `2026-02-12T12:00:00Z`.
std::string rfc3339(WallTime at);
/// RFC 3339 in UTC with milliseconds: `2026-02-12T12:00:00.123Z`. For timelines, where order within a second matters.
std::string rfc3339_millis(WallTime at);

inline std::int64_t unix_millis(WallTime at) { return at.time_since_epoch().count(); }
inline WallTime wall_time(std::int64_t unix_ms) { return WallTime{Millis{unix_ms}}; }

}  // namespace xion
