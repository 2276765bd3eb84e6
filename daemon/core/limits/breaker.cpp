#include "core/limits/breaker.h"

#include <algorithm>
#include <bit>

namespace xion {
namespace {

constexpr std::uint32_t outcomes_kept = (1U << 20U) - 1;
constexpr std::uint32_t in_a_row = (1U << 5U) - 1;
constexpr int among_kept = 10;

}  // namespace

std::string_view to_string(BreakerState state) {
  switch (state) {
    case BreakerState::closed: return "closed";
    case BreakerState::open: return "open";
    case BreakerState::half_open: return "half_open";
  }
  return "";
}

BreakerState Breaker::state(MonoTime now) const {
  if (!is_open_) return BreakerState::closed;
  return now < open_until_ ? BreakerState::open : BreakerState::half_open;
}

void Breaker::asked(MonoTime now) {
  if (state(now) != BreakerState::half_open) return;
  is_probing_ = true;
  // A probe whose answer never comes does not keep the carrier out for good: after the same wait the next one may try.
  open_until_ = now + wait_;
}

bool Breaker::succeeded() {
  if (!is_open_) {
    outcomes_ = (outcomes_ << 1U) & outcomes_kept;
    return false;
  }
  if (!is_probing_) return false;
  *this = Breaker();
  return true;
}

bool Breaker::failed(MonoTime now) {
  if (is_open_) {
    if (!is_probing_) return false;
    is_probing_ = false;
    wait_ = std::min(wait_ * 2, longest_wait);
    open_until_ = now + wait_;
    return true;
  }
  outcomes_ = (outcomes_ << 1U | 1U) & outcomes_kept;
  const bool all_of_late = (outcomes_ & in_a_row) == in_a_row;
  if (!all_of_late && std::popcount(outcomes_) < among_kept) return false;
  is_open_ = true;
  open_until_ = now + wait_;
  return true;
}

}  // namespace xion
