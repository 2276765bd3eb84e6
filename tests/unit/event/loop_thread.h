#pragma once
#include <future>
#include <thread>

#include "event/event_loop.h"

/// A loop that runs on a thread of its own, so that the test may be a client that blocks.
class LoopThread {
 public:
  LoopThread() : thread_([this] { loop_.run(); }) {}
  ~LoopThread() {
    loop_.stop();
    thread_.join();
  }
  xion::EventLoop& loop() { return loop_; }

  /// Runs `work` on the loop thread and waits for what it returns.
  template <typename Work>
  auto call(Work work) {
    std::packaged_task<std::invoke_result_t<Work>()> task(std::move(work));
    auto result = task.get_future();
    loop_.post(std::move(task));
    return result.get();
  }

 private:
  xion::EventLoop loop_;
  std::thread thread_;
};
