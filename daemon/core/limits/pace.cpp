#include "core/limits/pace.h"

#include <algorithm>

namespace xion {
namespace {

constexpr Millis second{1'000};

double burst_of(double rate) { return std::max(1.0, rate / 10); }

}  // namespace

Pace::Pace(double configured_rate)
    : configured_rate_(configured_rate), rate_(configured_rate), bucket_(configured_rate, burst_of(configured_rate)) {}

bool Pace::take(MonoTime now) {
  if (!bucket_.take(now)) return false;
  ++taken_this_second_;
  return true;
}

MonoTime Pace::next(MonoTime now) const { return std::max(resting_until_, now + bucket_.wait(now)); }

bool Pace::throttled(MonoTime now) {
  if (is_resting(now)) return false;
  const double base = rate_ > 0 ? rate_ : std::max({10.0, taken_last_second_, static_cast<double>(taken_this_second_)});
  if (rate_before_ == 0) rate_before_ = base;
  set_rate(std::max(1.0, base / 2), now);
  resting_until_ = now + rest;
  recovered_at_ = resting_until_;
  return true;
}

void Pace::recover(MonoTime now) {
  if (now - second_began_ >= second) {
    taken_last_second_ = taken_this_second_;
    taken_this_second_ = 0;
    second_began_ = now;
  }
  if (rate_before_ == 0 || now < recovered_at_ + second) return;
  recovered_at_ = now;
  const double regained = rate_ + std::max(1.0, rate_before_ / 20);
  const bool is_whole = regained >= rate_before_;
  set_rate(is_whole ? configured_rate_ : regained, now);
  if (is_whole) rate_before_ = 0;
}

void Pace::set_rate(double rate, MonoTime now) {
  rate_ = rate;
  bucket_.set_rate(rate, burst_of(rate), now);
}

}  // namespace xion
