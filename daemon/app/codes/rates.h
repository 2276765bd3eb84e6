#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <memory>

#include "app/services.h"

namespace xion {

/// How much goes on: counts of `Measures`, looked at every few seconds. Loop thread only.
class Rates {
 public:
  explicit Rates(Services& services);

  enum What : std::uint8_t { sends, deliveries, verifies, count_ };
  /// A second, over the last `span`; over the time since the start where that is shorter.
  double per_second(What what, Seconds span) const;
  std::uint64_t total(What what) const { return totals()[what]; }

 private:
  using Totals = std::array<std::uint64_t, count_>;
  struct Sample {
    MonoTime at{};
    Totals totals{};
  };
  Totals totals() const;
  void take();

  Services& services_;
  std::deque<Sample> samples_;  ///< The oldest first; never empty.
  std::unique_ptr<Timer> timer_;
};

}  // namespace xion
