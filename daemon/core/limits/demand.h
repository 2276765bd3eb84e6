#pragma once
#include <cstddef>
#include <optional>
#include <span>

#include "base/time.h"

namespace xion {

/// How often something was asked for lately, a second. What was long ago counts for less and less, so that after a few
/// seconds of another pace it tells that one.
class DemandMeter {
 public:
  void note(MonoTime now);
  double per_second(MonoTime now) const;

 private:
  double per_second_ = 0;
  MonoTime at_{};
};

/// Which part of a rate a node lets through, so that all nodes together keep it: as much as is asked for there of what
/// is asked for at all, and a little everywhere, for whoever comes. A demand that is not known makes all parts equal.
double share_of_rate(std::optional<double> own, std::span<const std::optional<double>> others);

}  // namespace xion
