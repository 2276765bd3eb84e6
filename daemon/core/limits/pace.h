#pragma once
#include <cstdint>

#include "base/time.h"
#include "core/limits/limits.h"

namespace xion {

/// How fast one bind may submit: the configured rate, and what throttling leaves of it. Multiplicative decrease,
/// additive increase: halved at once, a twentieth of the old rate regained each second.
class Pace {
 public:
  /// A throttled bind rests so long: carriers count per second.
  static constexpr Millis rest{1'000};

  /// PDUs a second; 0: no limit until throttled.
  explicit Pace(double configured_rate);

  /// Takes leave for one PDU. False: not now.
  bool take(MonoTime now);
  bool is_resting(MonoTime now) const { return now < resting_until_; }
  /// When the next PDU may leave.
  MonoTime next(MonoTime now) const;
  /// The carrier throttled a PDU. True: the rate was halved and a rest begins; a burst of them halves it once.
  bool throttled(MonoTime now);
  /// To be called before PDUs are taken: gives back what the time since the last call has earned.
  void recover(MonoTime now);
  /// What is allowed now; 0: no limit.
  double rate() const { return rate_; }

 private:
  void set_rate(double rate, MonoTime now);

  double configured_rate_;
  double rate_;
  TokenBucket bucket_;
  double rate_before_ = 0;  ///< To be regained; 0: nothing is.
  MonoTime resting_until_{};
  MonoTime recovered_at_{};
  std::uint32_t taken_this_second_ = 0;
  double taken_last_second_ = 0;  ///< What to halve where no rate is configured.
  MonoTime second_began_{};
};

}  // namespace xion
