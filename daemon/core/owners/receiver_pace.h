#pragma once
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "core/limits/breaker.h"

namespace xion {

/// How a call to a receiver ended, as far as its pace is concerned.
enum class CallEnd : std::uint8_t {
  taken,   ///< An answer came, whatever it said of the content.
  pushed,  ///< It asks for less: 429, or a status of 500 and above.
  silent,  ///< No answer came: refused, broken, or the time limit passed.
};
CallEnd call_end_of(int http_status);

/// How many calls to one receiver may be under way at once, told from how the latest ended. Each quick answer makes
/// room for one more; slow ones, and those that ask for less, halve it; silence opens a breaker, after which one call
/// in a while finds out whether somebody is there again.
class ReceiverPace {
 public:
  static constexpr std::size_t slots_first = 4;
  static constexpr std::size_t slots_most = 64;
  /// Answers within it let the slots grow.
  static constexpr Millis quick{500};
  /// Answers beyond it halve them, once within as long.
  static constexpr Millis slow{2'000};

  /// `most`: 1 to `slots_most`.
  explicit ReceiverPace(std::size_t most = slots_most) : most_(most), slots_(most < slots_first ? most : slots_first) {}

  /// So many more calls may begin.
  std::size_t room(std::size_t under_way, MonoTime now) const;
  void called(MonoTime now) { breaker_.asked(now); }
  /// `took`: from the call to its answer. Returns whether the breaker opened or closed by it.
  bool ended(CallEnd end, Millis took, MonoTime now);

  std::size_t slots() const { return slots_; }
  /// Nobody answers there: it is called only now and then.
  bool is_resting(MonoTime now) const { return breaker_.state(now) != BreakerState::closed; }

 private:
  void halve(MonoTime now);

  std::size_t most_;
  std::size_t slots_;
  Breaker breaker_;
  MonoTime halved_at_{MonoTime::min()};
};

}  // namespace xion
