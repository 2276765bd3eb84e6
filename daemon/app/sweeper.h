#pragma once
#include <memory>

#include "app/services.h"

namespace xion {

/// What time does by itself: requests expire, parked receipts are given up, old requests leave the log. In bounded
/// steps.
class Sweeper {
 public:
  explicit Sweeper(Services& services);
  void start();

 private:
  void sweep();
  void prune();
  Services& services_;
  std::unique_ptr<Timer> sweep_timer_;
  std::unique_ptr<Timer> prune_timer_;
};

}  // namespace xion
