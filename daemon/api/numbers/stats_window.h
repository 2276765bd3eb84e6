#pragma once
#include <expected>
#include <optional>

#include "api/call/call.h"
#include "api/call/problem.h"
#include "app/codes/read_stats.h"
#include "base/json_writer.h"

namespace xion {

inline constexpr std::int64_t window_days_max = 366;

/// `window=30d`, or `from` and `to` as dates: days of UTC, today is one of them; without any of it the last 30. Where
/// `takes_hours`, `window=24h` as well: hours of UTC, the current one is one of them. Problem `invalid_field`.
std::expected<StatRange, Problem> read_window(const Call& call, bool takes_hours);
/// `window=24h` alone, which is also what holds without it.
std::expected<StatRange, Problem> read_hours_window(const Call& call);

/// `window`, `from`, `to` (not included).
void write_window(JsonWriter& json, const StatRange& range);

/// The beginning of a day or an hour.
WallTime begin_of_day(Day day);
WallTime begin_of_hour(Hour hour);

}  // namespace xion
