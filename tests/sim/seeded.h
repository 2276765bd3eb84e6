#pragma once
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "base/time.h"
#include "ports/loop.h"

namespace xion::sim {

/// All randomness of a run: the same seed draws the same, on every machine. SplitMix64; not for secrets.
class Seeded final : public Entropy {
 public:
  explicit Seeded(std::uint64_t seed) : state_(seed) {}
  /// A stream of its own, so that one part drawing more doesn't change what the others draw.
  Seeded fork(std::string_view part);

  void fill(std::span<std::uint8_t> out) override;
  std::uint64_t next();
  /// 0 ≤ n < limit
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  /// least ≤ n ≤ most
  std::int64_t between(std::int64_t least, std::int64_t most);
  Millis between(Millis least, Millis most) { return Millis{between(least.count(), most.count())}; }
  bool chance(double share);
  template <typename T>
  T pick(std::initializer_list<T> choices) {
    return choices.begin()[below(choices.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace xion::sim
