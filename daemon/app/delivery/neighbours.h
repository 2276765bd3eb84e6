#pragma once
#include <functional>
#include <memory>

#include "app/ports.h"

namespace xion {

class Dispatcher;

/// What comes from other nodes that share the store: messages that they hand to this one, since a bind is here, and,
/// where this one is the housekeeper, what those left that write nothing any more.
class Neighbours {
 public:
  /// `deliveries_came`: some of webhooks are this node's now.
  Neighbours(const Ports& ports, const Lease& housekeeper, Dispatcher& dispatcher,
             std::function<void()> deliveries_came);
  void start();
  void stop();

 private:
  void take_handed();
  void inherit();

  Ports ports_;
  const Lease& housekeeper_;
  Dispatcher& dispatcher_;
  const std::function<void()> deliveries_came_;
  std::unique_ptr<Timer> handed_timer_, inherit_timer_;
};

}  // namespace xion
