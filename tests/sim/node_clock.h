#pragma once
#include <cmath>

#include "base/time.h"

namespace xion::sim {

/// How the clocks of one machine go: the one that only counts too fast or too slow, the one on the wall up to some
/// seconds wrong, now before and now behind.
struct NodeClock {
  double drift = 0;     ///< Seconds that it counts too many in one.
  Millis off_most{0};   ///< Of the wall's, either way.
  Millis off_first{0};  ///< Where in its coming and going that begins.
  double off_pace = 0;  ///< Seconds that it changes in one.

  MonoTime mono(MonoTime at) const {
    if (drift == 0) return at;
    return MonoTime{Millis{std::llround(static_cast<double>(at.time_since_epoch().count()) * (1 + drift))}};
  }
  /// How long a wait takes in truth.
  Millis in_truth(Millis wait) const {
    if (drift == 0) return wait;
    return Millis{static_cast<std::int64_t>(std::ceil(static_cast<double>(wait.count()) / (1 + drift))) + 1};
  }
  /// `right`: what a clock that is right says.
  WallTime wall(WallTime right, MonoTime at) const {
    if (off_most == Millis{0}) return right;
    const auto most = static_cast<double>(off_most.count());
    const double way = std::fmod(static_cast<double>((at.time_since_epoch() + off_first).count()) * off_pace, 4 * most);
    const double off = way < 2 * most ? way - most : 3 * most - way;
    return right + Millis{std::llround(off)};
  }
};

}  // namespace xion::sim
