#pragma once
#include <functional>

#include "app/codes/phone_watch.h"
#include "app/delivery/dispatcher.h"
#include "app/delivery/neighbours.h"
#include "app/delivery/route_watch.h"
#include "app/measures.h"
#include "app/node_drains.h"
#include "app/owners/alert_watch.h"
#include "app/owners/dashboard_access.h"
#include "app/owners/directory.h"
#include "app/owners/key_rotation.h"
#include "app/owners/notices.h"
#include "app/owners/rate_shares.h"
#include "app/owners/templates.h"
#include "app/owners/webhooks.h"
#include "app/services.h"
#include "app/shared_things.h"
#include "app/sweeper.h"

namespace xion {

/// The whole gateway but its edges: built the same way over real ports by main and over simulated ones by the tests.
class Gateway {
 public:
  Gateway(const Ports& ports, const Settings& settings);

  /// Loads what the store knows, takes up what an earlier process left, connects the carriers. `ready(false)`: the
  /// store can't be read.
  void start(std::move_only_function<void(bool)> ready);
  /// Takes a new configuration over, which must outlive it. Carriers whose block is the same keep their binds; changed
  /// ones drain and bind anew, removed ones drain. The old configuration may go with the next turn of the loop.
  void configure(const Settings& settings);
  /// Stops submitting; `stopped` comes when every bind is down, or after 10 s.
  void stop(std::move_only_function<void()> stopped);

  /// What other nodes are told of this one.
  NodeReport report() const;

  Services& services() { return services_; }

 private:
  void load(std::move_only_function<void(bool)> ready);
  void start_parts();
  void wait_for_links(MonoTime until, std::move_only_function<void()> stopped);

  SettingsInForce settings_;
  std::unique_ptr<Lease> housekeeper_;
  NodeDrains node_drains_;
  Measures measures_;
  PhoneWatch phone_watch_;
  Notices notices_;
  Directory directory_;
  Templates templates_;
  DashboardAccess dashboard_;
  KeyRotation key_rotation_;
  Dispatcher dispatcher_;
  Neighbours neighbours_;
  RouteWatch route_watch_;
  Sweeper sweeper_;
  AlertWatch alert_watch_;
  RateShares rate_shares_;
  Services services_;
  SharedThings shared_things_;
  std::unique_ptr<Webhooks> webhooks_;
  std::unique_ptr<Timer> stop_timer_;
  std::move_only_function<void()> stopped_;
};

}  // namespace xion
