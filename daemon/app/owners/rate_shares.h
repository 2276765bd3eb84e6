#pragma once
#include <memory>

#include "app/owners/directory.h"
#include "app/ports.h"

namespace xion {

/// Lets each app have that part of its plan's rate here that fits what it asks for here, of what it asks for at all
/// nodes, so that all of them together keep the plan. Loop thread only.
class RateShares {
 public:
  RateShares(const Ports& ports, const Directory& directory);
  void start();
  void stop() { timer_->stop(); }
  /// What other nodes are told of the demand here.
  void write_to(NodeReport& report) const;

 private:
  void share();
  Ports ports_;
  const Directory& directory_;
  std::unique_ptr<Timer> timer_;
};

}  // namespace xion
