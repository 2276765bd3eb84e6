#include "core/owners/receiver_pace.h"

#include <algorithm>

namespace xion {

CallEnd call_end_of(int http_status) {
  if (http_status == 0) return CallEnd::silent;
  constexpr int too_many_requests = 429;
  return http_status == too_many_requests || http_status >= 500 ? CallEnd::pushed : CallEnd::taken;
}

std::size_t ReceiverPace::room(std::size_t under_way, MonoTime now) const {
  switch (breaker_.state(now)) {
    case BreakerState::open: return 0;
    case BreakerState::half_open: return under_way == 0 ? 1 : 0;
    case BreakerState::closed: return slots_ > under_way ? slots_ - under_way : 0;
  }
  return 0;
}

bool ReceiverPace::ended(CallEnd end, Millis took, MonoTime now) {
  if (end == CallEnd::silent) {
    slots_ = std::max<std::size_t>(1, slots_ / 2);
    return breaker_.failed(now);
  }
  if (end == CallEnd::pushed || took > slow)
    halve(now);
  else if (took <= quick)
    slots_ = std::min(most_, slots_ + 1);
  return breaker_.succeeded();
}

/// Those that were under way together tell the same: once is enough.
void ReceiverPace::halve(MonoTime now) {
  if (halved_at_ != MonoTime::min() && now - halved_at_ < slow) return;
  halved_at_ = now;
  slots_ = std::max<std::size_t>(1, slots_ / 2);
}

}  // namespace xion
