#pragma once
#include <memory>

#include "app/ports.h"
#include "app/settings_in_force.h"

namespace xion {

class Dispatcher;
struct Measures;

/// What time does by itself: requests expire, parked receipts are given up, old requests leave the log. In bounded
/// steps, and by the housekeeper alone.
class Sweeper {
 public:
  Sweeper(const Ports& ports, const SettingsInForce& settings, const Lease& housekeeper, Dispatcher& dispatcher,
          Measures& measures);
  void start();

 private:
  void sweep();
  void prune();
  Ports ports_;
  const SettingsInForce& settings_;
  const Lease& housekeeper_;
  Dispatcher& dispatcher_;
  Measures& measures_;
  std::unique_ptr<Timer> sweep_timer_;
  std::unique_ptr<Timer> prune_timer_;
};

}  // namespace xion
