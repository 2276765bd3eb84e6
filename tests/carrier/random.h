#pragma once
#include <cstdint>

namespace xion::carrier {

/// SplitMix64: the same seed plays the same faults. Not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  /// 0 ≤ x < 1
  double fraction() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  /// 0 ≤ n < limit; 0 where limit is 0.
  std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : next() % limit; }

 private:
  std::uint64_t state_;
};

}  // namespace xion::carrier
