#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/settings.h"

namespace xion {

/// A timer that fires once after each `start`. Destroying it stops it.
class Timer {
 public:
  virtual ~Timer() = default;
  virtual void start(Millis after) = 0;  ///< Starting a running timer moves it.
  virtual void stop() = 0;
};

/// What happens to a stream. Called on the loop thread; may write or close, and may not destroy the stream: post that.
class StreamEvents {
 public:
  virtual ~StreamEvents() = default;
  virtual void on_open() = 0;                           ///< Connected (and TLS is up).
  virtual void on_octets(std::string_view octets) = 0;  ///< Valid during the call.
  virtual void on_close(std::string_view reason) = 0;   ///< Once, also when connecting failed. Nothing follows.
};

/// A connection, owned by who opened it; destroying it closes at once.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual void write(std::string_view octets) = 0;  ///< Queues; joined into few segments, sent without delay.
  virtual void close_when_written() = 0;
  virtual std::size_t unwritten_octets() const = 0;
};

struct Endpoint {
  std::string address;  ///< host:port; resolved afresh, every address tried.
  std::optional<TlsClientSettings> tls;
  std::string local_address{};  ///< Of ours, a literal without a port; empty: the system chooses.
};

/// The loop thread: every socket and timer. All calls come on that thread, except `post`.
class Loop {
 public:
  virtual ~Loop() = default;
  virtual MonoTime now() const = 0;  ///< Cached at most for one turn of the loop.
  virtual WallTime wall_now() const = 0;
  virtual std::unique_ptr<Timer> timer(std::move_only_function<void()> fire) = 0;
  /// Runs `work` on the loop thread, later, in order. From any thread.
  virtual void post(std::move_only_function<void()> work) = 0;
  virtual std::unique_ptr<Stream> connect(const Endpoint& endpoint, StreamEvents& events) = 0;
};

class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

}  // namespace xion
