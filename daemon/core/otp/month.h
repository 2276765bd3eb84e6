#pragma once
#include <cstdint>

#include "base/time.h"

namespace xion {

/// Days since 1970-01-01 UTC.
using Day = std::int32_t;

/// The key under which a month is counted (UTC): negative, so that it is no day.
Day month_of(WallTime at);
/// When the next month begins.
WallTime next_month(WallTime at);
/// When the next day begins.
WallTime next_day(WallTime at);

}  // namespace xion
