#pragma once
#include <chrono>
#include <cstdint>

#include "base/time.h"

namespace xion {

/// Days since 1970-01-01 UTC.
using Day = std::int32_t;
/// When the next day begins.
inline WallTime next_day(WallTime at) { return std::chrono::floor<std::chrono::days>(at) + std::chrono::days{1}; }

/// A month of UTC: what a plan's volume is for.
using Month = std::chrono::year_month;

inline Month month_of(WallTime at) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
  return date.year() / date.month();
}
inline WallTime begin_of(Month month) { return std::chrono::sys_days{month / 1}; }
inline WallTime end_of(Month month) { return begin_of(month + std::chrono::months{1}); }

/// What counters and sums are of: a day, or a month. Engines keep both under one number, in which months are negative.
class CounterPeriod {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a day is a period.
  constexpr CounterPeriod(Day day) : key_(day) {}
  // NOLINTNEXTLINE(google-explicit-constructor): and so is a month.
  constexpr CounterPeriod(Month month)
      : key_(-(static_cast<int>(month.year()) * 12 + static_cast<int>(static_cast<unsigned>(month.month())))) {}
  constexpr std::int32_t key() const { return key_; }
  static constexpr CounterPeriod of_key(std::int32_t key) { return CounterPeriod(Day{key}); }

 private:
  std::int32_t key_;
};

}  // namespace xion
