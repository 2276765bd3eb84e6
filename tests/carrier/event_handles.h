#pragma once
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <chrono>
#include <memory>

#include "carrier/simulated_carrier.h"

namespace xion::carrier {

struct EventDeleter {
  void operator()(event_base* base) const { event_base_free(base); }
  void operator()(event* e) const { event_free(e); }
  void operator()(evconnlistener* listener) const { evconnlistener_free(listener); }
  void operator()(bufferevent* stream) const { bufferevent_free(stream); }
  void operator()(ev_token_bucket_cfg* limit) const { ev_token_bucket_cfg_free(limit); }
};
template <typename T>
using Handle = std::unique_ptr<T, EventDeleter>;

inline timeval timeval_of(Millis duration) {
  const auto seconds = std::chrono::duration_cast<Seconds>(duration);
  return {.tv_sec = seconds.count(), .tv_usec = (duration - seconds).count() * 1000};
}

inline Moment moment() {
  const auto steady = std::chrono::steady_clock::now().time_since_epoch();
  return {.mono = MonoTime{std::chrono::duration_cast<Millis>(steady)},
          .wall = std::chrono::floor<Millis>(std::chrono::system_clock::now())};
}

}  // namespace xion::carrier
