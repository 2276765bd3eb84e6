#pragma once
#include "ports/loop.h"
#include "sim/agenda.h"
#include "sim/network.h"

namespace xion::sim {

/// The loop of one life of the process. What it was asked to do ends with it.
class SimLoop final : public Loop {
 public:
  SimLoop(Agenda& agenda, Network& network, Agenda::Owner life) : agenda_(agenda), network_(network), life_(life) {}

  MonoTime now() const override { return agenda_.now(); }
  WallTime wall_now() const override { return agenda_.wall_now(); }
  std::unique_ptr<Timer> timer(std::move_only_function<void()> fire) override;
  void post(std::move_only_function<void()> work) override { agenda_.after(Millis{0}, life_, std::move(work)); }
  std::unique_ptr<Stream> connect(const Endpoint& endpoint, StreamEvents& events) override {
    return network_.connect(endpoint.address, life_, events);
  }

 private:
  Agenda& agenda_;
  Network& network_;
  Agenda::Owner life_;
};

}  // namespace xion::sim
