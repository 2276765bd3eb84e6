#include "sim/sim_loop.h"

#include <optional>
#include <utility>

namespace xion::sim {
namespace {

class SimTimer final : public Timer {
 public:
  SimTimer(Agenda& agenda, Agenda::Owner life, std::move_only_function<void()> fire)
      : agenda_(agenda), life_(life), fire_(std::move(fire)) {}
  ~SimTimer() override { stop(); }

  void start(Millis after) override {
    stop();
    key_ = agenda_.after(after, life_, [this] {
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
  std::move_only_function<void()> fire_;
  std::optional<Agenda::Key> key_;
};

}  // namespace

std::unique_ptr<Timer> SimLoop::timer(std::move_only_function<void()> fire) {
  return std::make_unique<SimTimer>(agenda_, life_, std::move(fire));
}

}  // namespace xion::sim
