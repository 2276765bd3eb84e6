#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "ports/loop.h"

struct event_base;

namespace xion {

class Mailbox;

/// The loop over libevent. Made, run and destroyed on one thread; `post` and `stop` come from any. It ignores SIGPIPE
/// for the process and sends libevent's own messages to the log. Everything made from it must be destroyed before it.
class EventLoop final : public Loop {
 public:
  EventLoop();
  ~EventLoop() override;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Until `stop`.
  void run();
  /// Ends `run` after what was posted before has run. From any thread; before `run` it makes that return at once.
  void stop();
  /// `react` runs on the loop thread at each signal of that number, never inside the signal handler.
  void on_signal(int number, std::function<void()> react);

  MonoTime now() const override;
  WallTime wall_now() const override;
  std::unique_ptr<Timer> timer(std::move_only_function<void()> fire) override;
  void post(std::move_only_function<void()> work) override;
  std::unique_ptr<Stream> connect(const Endpoint& endpoint, StreamEvents& events) override;

  /// Runs `work` once, when everything that is due in this turn has run; outside of `run`, before the next turn.
  /// On the loop thread.
  void at_turn_end(std::move_only_function<void()> work);

  /// For this layer only.
  event_base* base() const;
  const std::shared_ptr<Mailbox>& mailbox() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace xion
