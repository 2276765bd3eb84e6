#pragma once
#include <functional>
#include <memory>
#include <utility>

#include "ports/loop.h"
#include "sim/agenda.h"
#include "sim/node_clock.h"

namespace xion::sim {

/// The loop in virtual time, of one life of a process: what it was asked to do ends with it. Alone, for tests of one
/// part, it has an agenda of its own, which moves when the test says so, and no network.
class VirtualLoop final : public Loop {
 public:
  using Connect = std::function<std::unique_ptr<Stream>(const Endpoint& endpoint, StreamEvents& events)>;

  /// `at`: what the clock on the wall says when it begins.
  explicit VirtualLoop(WallTime at = Agenda::wall_began)
      : own_(std::make_unique<Agenda>(MonoTime{at - Agenda::wall_began})), agenda_(*own_), life_(Agenda::world) {}
  VirtualLoop(Agenda& agenda, Agenda::Owner life, Connect connect, NodeClock clock = {})
      : agenda_(agenda), life_(life), connect_(std::move(connect)), clock_(clock) {}

  MonoTime now() const override { return clock_.mono(agenda_.now()); }
  WallTime wall_now() const override { return clock_.wall(agenda_.wall_now(), agenda_.now()); }
  std::unique_ptr<Timer> timer(std::move_only_function<void()> fire) override;
  void post(std::move_only_function<void()> work) override { agenda_.after(Millis{0}, life_, std::move(work)); }
  std::unique_ptr<Stream> connect(const Endpoint& endpoint, StreamEvents& events) override;

  /// Does everything that is due within `span` from now, and ends then.
  void run(Millis span = Millis{0});
  /// Does the next thing, whenever it is due. False: nothing is left to do.
  bool step() { return agenda_.step(); }

 private:
  std::unique_ptr<Agenda> own_;
  Agenda& agenda_;
  Agenda::Owner life_;
  Connect connect_;
  NodeClock clock_;
};

}  // namespace xion::sim
