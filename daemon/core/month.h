#pragma once
#include <chrono>

#include "base/time.h"

namespace xion {

/// A month of UTC: what a plan's volume is for.
using Month = std::chrono::year_month;

inline Month month_of(WallTime at) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
  return date.year() / date.month();
}
inline WallTime begin_of(Month month) { return std::chrono::sys_days{month / 1}; }
inline WallTime end_of(Month month) { return begin_of(month + std::chrono::months{1}); }

}  // namespace xion
