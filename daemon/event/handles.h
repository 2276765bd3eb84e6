#pragma once
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>

#include <chrono>
#include <memory>

/// C handles as owners. Only sources of this layer include it: libevent does not show in its public headers.
namespace xion {

template <auto release>
struct Releases {
  template <typename T>
  void operator()(T* handle) const noexcept {
    release(handle);
  }
};
using EventHandle = std::unique_ptr<::event, Releases<&event_free>>;
using StreamHandle = std::unique_ptr<bufferevent, Releases<&bufferevent_free>>;
using ListenerHandle = std::unique_ptr<evconnlistener, Releases<&evconnlistener_free>>;

inline timeval as_timeval(auto duration) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return {micros / 1'000'000, micros % 1'000'000};
}

}  // namespace xion
