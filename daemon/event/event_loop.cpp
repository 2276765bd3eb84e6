#include "event/event_loop.h"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/log.h"
#include "event/handles.h"
#include "event/mailbox.h"
#include "event/stream.h"

namespace xion {

namespace {

Millis read_clock(clockid_t clock) {
  timespec at{};
  clock_gettime(clock, &at);
  return std::chrono::duration_cast<Millis>(std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec});
}

void log_libevent(int severity, const char* message) noexcept {
  log::emit(severity >= EVENT_LOG_WARN ? log::Level::warning : log::Level::debug, "libevent", "message=\"{}\"",
            message);
}

event_base* make_base() {
  // The change list joins the several re-arms of a socket within one turn into at most one epoll_ctl.
  const std::unique_ptr<event_config, Releases<&event_config_free>> config(event_config_new());
  XION_ASSERT(config != nullptr);
  event_config_set_flag(config.get(), EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
  // Without it libevent counts by a clock that moves every 4 ms.
  event_config_set_flag(config.get(), EVENT_BASE_FLAG_PRECISE_TIMER);
  event_base* base = event_base_new_with_config(config.get());
  XION_ASSERT(base != nullptr);
  return base;
}

class LoopTimer final : public Timer {
 public:
  LoopTimer(const EventLoop& loop, std::move_only_function<void()> fire)
      : loop_(loop), fire_(std::move(fire)), event_(event_new(loop.base(), -1, 0, &LoopTimer::elapsed, this)) {
    XION_ASSERT(event_ != nullptr);
  }
  void start(Millis after) override {
    due_ = loop_.now() + std::max(after, Millis{0});
    arm();
  }
  void stop() override { event_del(event_.get()); }

 private:
  void arm() {
    const timeval left = as_timeval(std::max(due_ - loop_.now(), Millis{0}));
    event_add(event_.get(), &left);
  }
  static void elapsed(evutil_socket_t, short, void* self) noexcept { static_cast<LoopTimer*>(self)->on_elapsed(); }
  void on_elapsed() {
    // libevent counts from the beginning of the turn: it may be early.
    if (loop_.now() < due_) return arm();
    fire_();
  }

  const EventLoop& loop_;
  std::move_only_function<void()> fire_;
  MonoTime due_{};
  EventHandle event_;
};

struct SignalHook {
  std::function<void()> react;
  EventHandle event;
  static void caught(evutil_socket_t, short, void* self) noexcept { static_cast<SignalHook*>(self)->react(); }
};

}  // namespace

struct EventLoop::Parts {
  std::unique_ptr<event_base, Releases<&event_base_free>> base{make_base()};
  std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>();
  std::vector<std::unique_ptr<SignalHook>> signals;
  EventHandle wake;
  std::vector<std::move_only_function<void()>> turn_end;

  void end_turn() {
    while (!turn_end.empty()) {
      for (auto& work : std::exchange(turn_end, {})) work();
    }
  }
  static void woken(evutil_socket_t, short, void* self) noexcept {
    for (auto& work : static_cast<Parts*>(self)->mailbox->take()) work();
  }
};

EventLoop::EventLoop() : parts_(std::make_unique<Parts>()) {
  std::signal(SIGPIPE, SIG_IGN);
  event_set_log_callback(&log_libevent);
  parts_->wake.reset(event_new(base(), mailbox()->wake_fd(), EV_READ | EV_PERSIST, &Parts::woken, parts_.get()));
  XION_ASSERT(parts_->wake != nullptr && event_add(parts_->wake.get(), nullptr) == 0);
}

EventLoop::~EventLoop() { mailbox()->shut(); }

void EventLoop::run() {
  do {
    parts_->end_turn();
    event_base_loop(base(), EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY);
  } while (event_base_got_break(base()) == 0);
  parts_->end_turn();
}

void EventLoop::stop() {
  post([base = base()] { event_base_loopbreak(base); });
}

void EventLoop::on_signal(int number, std::function<void()> react) {
  auto hook = std::make_unique<SignalHook>();
  hook->react = std::move(react);
  hook->event.reset(event_new(base(), number, EV_SIGNAL | EV_PERSIST, &SignalHook::caught, hook.get()));
  XION_ASSERT(hook->event != nullptr && event_add(hook->event.get(), nullptr) == 0);
  parts_->signals.push_back(std::move(hook));
}

// The vDSO answers in 24 ns: cheaper than knowing when a cached value is stale.
MonoTime EventLoop::now() const { return MonoTime{read_clock(CLOCK_MONOTONIC)}; }
WallTime EventLoop::wall_now() const { return WallTime{read_clock(CLOCK_REALTIME)}; }

std::unique_ptr<Timer> EventLoop::timer(std::move_only_function<void()> fire) {
  return std::make_unique<LoopTimer>(*this, std::move(fire));
}

void EventLoop::post(std::move_only_function<void()> work) { mailbox()->put(std::move(work)); }

std::unique_ptr<Stream> EventLoop::connect(const Endpoint& endpoint, StreamEvents& events) {
  return std::make_unique<TcpStream>(*this, endpoint, events);
}

void EventLoop::at_turn_end(std::move_only_function<void()> work) { parts_->turn_end.push_back(std::move(work)); }

event_base* EventLoop::base() const { return parts_->base.get(); }
const std::shared_ptr<Mailbox>& EventLoop::mailbox() const { return parts_->mailbox; }

}  // namespace xion
