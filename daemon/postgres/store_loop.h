#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "ports/loop.h"

namespace xion {

/// The loop of a store's thread: what is posted to it, and timers, on the real clocks. It has no sockets.
class StoreLoop final : public Loop {
 public:
  MonoTime now() const override;
  WallTime wall_now() const override;
  /// From the loop's thread.
  std::unique_ptr<Timer> timer(std::move_only_function<void()> fire) override;
  void post(std::move_only_function<void()> work) override;
  /// There is no such thing here.
  std::unique_ptr<Stream> connect(const Endpoint&, StreamEvents&) override { return nullptr; }

  /// Does what comes until `is_enough` says so, asked after each thing.
  void run_until(const std::function<bool()>& is_enough);

 private:
  class Due;
  using Key = std::pair<MonoTime, std::uint64_t>;
  void fire_due();

  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::move_only_function<void()>> posted_;
  std::map<Key, Due*> due_;  ///< Of the loop's thread alone, as all timers.
  std::uint64_t last_ = 0;
};

}  // namespace xion
