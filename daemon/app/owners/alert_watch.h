#pragma once
#include <memory>
#include <vector>

#include "app/ports.h"
#include "app/settings_in_force.h"
#include "core/owners/alerts.h"

namespace xion {

class Directory;

/// Looks at each app every ten seconds for what its owner should hear of (`core/owners/alerts`), on the node that is
/// the housekeeper. What is open is in the store, and is changed in the commit that queues what webhooks are told: so
/// each is told once, whatever restarts.
class AlertWatch {
 public:
  AlertWatch(const Ports& ports, const SettingsInForce& settings, const Lease& housekeeper, const Directory& directory);
  void start();
  void stop();

 private:
  void look();
  Ports ports_;
  const SettingsInForce& settings_;
  const Lease& housekeeper_;
  const Directory& directory_;
  AppId last_ = 0;       ///< Whose turn it was; 0: a round begins.
  MonoTime round_at_{};  ///< When this one began.
  bool is_stopping_ = false;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
  std::unique_ptr<Timer> timer_;
};

/// What an app's owner was warned of that is not over, as it was told; those that may still pass are not among them.
void read_alerts(Store& store, AppId app, std::move_only_function<void(std::optional<std::vector<Alert>>)> done);

}  // namespace xion
