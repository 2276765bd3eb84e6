#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "ports/loop.h"

namespace xion {

/// A loop for tests of one part: virtual time that moves when the test says so, and no network behind the socket.
class DeskLoop final : public Loop {
 public:
  MonoTime now() const override { return now_; }
  WallTime wall_now() const override { return WallTime{wall_began.time_since_epoch() + now_.time_since_epoch()}; }
  std::unique_ptr<Timer> timer(std::move_only_function<void()> fire) override {
    return std::make_unique<DeskTimer>(*this, std::move(fire));
  }
  void post(std::move_only_function<void()> work) override { agenda_.emplace(Key{now_, ++last_}, std::move(work)); }
  std::unique_ptr<Stream> connect(const Endpoint&, StreamEvents& events) override {
    auto stream = std::make_unique<DeadStream>();
    post([&events, alive = std::weak_ptr(stream->alive)] {
      if (!alive.expired()) events.on_close("no network");
    });
    return stream;
  }

  /// Does everything that is due within `span` from now.
  void run(Millis span = Millis{0}) {
    const MonoTime until = now_ + span;
    while (!agenda_.empty() && agenda_.begin()->first.first <= until) {
      auto next = agenda_.extract(agenda_.begin());
      now_ = std::max(now_, next.key().first);
      next.mapped()();
    }
    now_ = until;
  }

  static constexpr WallTime wall_began{Millis{1'770'897'600'000}};  // 2026-02-12T12:00:00Z

 private:
  using Key = std::pair<MonoTime, std::uint64_t>;
  struct DeadStream final : Stream {
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);
    void write(std::string_view) override {}
    void close_when_written() override {}
    std::size_t unwritten_octets() const override { return 0; }
  };
  class DeskTimer final : public Timer {
   public:
    DeskTimer(DeskLoop& loop, std::move_only_function<void()> fire) : loop_(loop), fire_(std::move(fire)) {}
    ~DeskTimer() override { stop(); }
    void start(Millis after) override {
      stop();
      key_ = {loop_.now_ + after, ++loop_.last_};
      loop_.agenda_.emplace(key_, [this] { fire_(); });
    }
    void stop() override { loop_.agenda_.erase(key_); }

   private:
    DeskLoop& loop_;
    std::move_only_function<void()> fire_;
    Key key_{};
  };
  MonoTime now_{Millis{0}};
  std::uint64_t last_ = 0;
  std::map<Key, std::move_only_function<void()>> agenda_;
};

/// Numbers that differ from call to call and are the same in every run.
class DeskEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& octet : out)
      octet = static_cast<std::uint8_t>((state_ = state_ * 6364136223846793005 + 1442695040888963407) >> 56);
  }

 private:
  std::uint64_t state_ = 1;
};

}  // namespace xion
