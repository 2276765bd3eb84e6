#pragma once
#include <memory>

#include "app/ports.h"
#include "app/settings_in_force.h"

namespace xion {

class Dispatcher;
struct Measures;

/// What time does by itself: requests expire, parked receipts are given up, old requests leave the log. In bounded
/// steps.
class Sweeper {
 public:
  Sweeper(const Ports& ports, const SettingsInForce& settings, Dispatcher& dispatcher, Measures& measures);
  void start();

 private:
  void sweep();
  void prune();
  Ports ports_;
  const SettingsInForce& settings_;
  Dispatcher& dispatcher_;
  Measures& measures_;
  std::unique_ptr<Timer> sweep_timer_;
  std::unique_ptr<Timer> prune_timer_;
};

}  // namespace xion
