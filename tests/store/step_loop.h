#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>

#include "engines.h"
#include "ports/loop.h"

namespace xion {

/// A loop in one thread and in virtual time, without sockets: `step` runs one thing.
class StepLoop final : public Loop {
 public:
  MonoTime now() const override { return now_; }
  WallTime wall_now() const override { return noon + now_.time_since_epoch(); }
  std::unique_ptr<Timer> timer(std::move_only_function<void()> fire) override {
    return std::make_unique<StepTimer>(*this, std::move(fire));
  }
  void post(std::move_only_function<void()> work) override { posted_.push_back(std::move(work)); }
  std::unique_ptr<Stream> connect(const Endpoint&, StreamEvents&) override { return nullptr; }

  /// The next posted work, else the next timer. False: nothing is left to do.
  bool step() {
    if (!posted_.empty()) {
      auto work = std::move(posted_.front());
      posted_.pop_front();
      work();
      return true;
    }
    if (timers_.empty()) return false;
    const auto next = timers_.begin();
    now_ = next->first;
    StepTimer& timer = *next->second;
    timer.stop();
    timer.fire_();
    return true;
  }
  void run() {
    while (step()) {
    }
  }

 private:
  class StepTimer final : public Timer {
   public:
    StepTimer(StepLoop& loop, std::move_only_function<void()> fire) : fire_(std::move(fire)), loop_(loop) {}
    ~StepTimer() override { stop(); }
    void start(Millis after) override {
      stop();
      loop_.timers_.emplace(loop_.now_ + after, this);
    }
    void stop() override {
      std::erase_if(loop_.timers_, [this](const auto& entry) { return entry.second == this; });
    }
    std::move_only_function<void()> fire_;

   private:
    StepLoop& loop_;
  };
  MonoTime now_{};
  std::deque<std::move_only_function<void()>> posted_;
  std::multimap<MonoTime, StepTimer*> timers_;
};

}  // namespace xion
