#include "postgres/store_loop.h"

#include <chrono>
#include <optional>

namespace xion {

class StoreLoop::Due final : public Timer {
 public:
  Due(StoreLoop& loop, std::move_only_function<void()> fire) : loop_(loop), fire_(std::move(fire)) {}
  ~Due() override { stop(); }
  void start(Millis after) override {
    stop();
    at_ = {loop_.now() + after, ++loop_.last_};
    loop_.due_.emplace(*at_, this);
  }
  void stop() override {
    if (at_) loop_.due_.erase(*at_);
    at_.reset();
  }
  void fire() {
    at_.reset();
    fire_();
  }

 private:
  StoreLoop& loop_;
  std::move_only_function<void()> fire_;
  std::optional<Key> at_;
};

MonoTime StoreLoop::now() const {
  return MonoTime{std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch())};
}
WallTime StoreLoop::wall_now() const {
  return WallTime{std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch())};
}

std::unique_ptr<Timer> StoreLoop::timer(std::move_only_function<void()> fire) {
  return std::make_unique<Due>(*this, std::move(fire));
}

void StoreLoop::post(std::move_only_function<void()> work) {
  {
    const std::lock_guard guard(mutex_);
    posted_.push_back(std::move(work));
  }
  filled_.notify_one();
}

void StoreLoop::fire_due() {
  while (!due_.empty() && due_.begin()->first.first <= now()) {
    Due& due = *due_.begin()->second;
    due_.erase(due_.begin());
    due.fire();
  }
}

void StoreLoop::run_until(const std::function<bool()>& is_enough) {
  while (!is_enough()) {
    fire_due();
    std::unique_lock guard(mutex_);
    const auto has_work = [this] { return !posted_.empty(); };
    if (due_.empty())
      filled_.wait(guard, has_work);
    else if (!filled_.wait_for(guard, due_.begin()->first.first - now(), has_work))
      continue;
    auto work = std::move(posted_.front());
    posted_.pop_front();
    guard.unlock();
    work();
  }
}

}  // namespace xion
