#include "sim/virtual_loop.h"

#include <optional>
#include <string_view>

namespace xion::sim {
namespace {

class VirtualTimer final : public Timer {
 public:
  VirtualTimer(Agenda& agenda, Agenda::Owner life, const NodeClock& clock, std::move_only_function<void()> fire)
      : agenda_(agenda), life_(life), clock_(clock), fire_(std::move(fire)) {}
  ~VirtualTimer() override { stop(); }

  void start(Millis after) override {
    stop();
    key_ = agenda_.after(clock_.in_truth(after), life_, [this] {
      key_.reset();
      fire_();
    });
  }
  void stop() override {
    if (key_) agenda_.cancel(*key_);
    key_.reset();
  }

 private:
  Agenda& agenda_;
  Agenda::Owner life_;
  const NodeClock& clock_;
  std::move_only_function<void()> fire_;
  std::optional<Agenda::Key> key_;
};

/// Where there is no network.
struct DeadStream final : Stream {
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
  void write(std::string_view) override {}
  void close_when_written() override {}
  std::size_t unwritten_octets() const override { return 0; }
};

}  // namespace

std::unique_ptr<Timer> VirtualLoop::timer(std::move_only_function<void()> fire) {
  return std::make_unique<VirtualTimer>(agenda_, life_, clock_, std::move(fire));
}

std::unique_ptr<Stream> VirtualLoop::connect(const Endpoint& endpoint, StreamEvents& events) {
  if (connect_) return connect_(endpoint, events);
  auto stream = std::make_unique<DeadStream>();
  post([&events, alive = std::weak_ptr(stream->alive)] {
    if (!alive.expired()) events.on_close("no network");
  });
  return stream;
}

void VirtualLoop::run(Millis span) {
  const MonoTime until = now() + span;
  while (!agenda_.run_until(until)) {  // However much there is to do in one instant.
  }
}

}  // namespace xion::sim
