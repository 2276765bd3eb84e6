#include "core/limits/demand.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace xion {
namespace {

/// After so long a past pace counts for a third.
constexpr Millis pace_memory{2'000};
/// Nobody is left less than this part of an equal one.
constexpr double least_part = 0.25;

}  // namespace

void DemandMeter::note(MonoTime now) {
  per_second_ = per_second(now) + 1 / std::chrono::duration<double>(pace_memory).count();
  at_ = std::max(at_, now);
}

double DemandMeter::per_second(MonoTime now) const {
  const double passed = std::chrono::duration<double>(std::max(now - at_, Millis{0})) / pace_memory;
  return per_second_ * std::exp(-passed);
}

double share_of_rate(std::optional<double> own, std::span<const std::optional<double>> others) {
  const double equal = 1 / (static_cast<double>(others.size()) + 1);
  double elsewhere = 0;
  for (const auto& demand : others) {
    if (!demand) return equal;
    elsewhere += *demand;
  }
  if (!own) return equal;
  if (elsewhere <= 0) return 1;
  return std::max(*own / (*own + elsewhere), equal * least_part);
}

}  // namespace xion
