#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "app/ports.h"
#include "app/settings_in_force.h"
#include "core/otp/otp_stats.h"
#include "core/otp/otp_sums.h"
#include "core/owners/alerts.h"
#include "core/owners/webhook.h"

namespace xion {

class Directory;

/// Looks at each app every ten seconds for what its owner should hear of (`core/owners/alerts`), on the node that is
/// the housekeeper. What is open is in the store, and is changed in the commit that queues what webhooks are told: so
/// each is told once, whatever restarts. Where there are many apps a round takes as long as it needs for taking no more
/// than a twentieth of the store's time: of an app without traffic it reads four rows, its rates only where they
/// may have changed.
class AlertWatch {
 public:
  AlertWatch(const Ports& ports, const SettingsInForce& settings, const Lease& housekeeper, const Directory& directory);
  void start();
  void stop();

  /// What the rates of an hour are made of, but for the week before it: all requests of their 24 hours are of today and
  /// of yesterday, however late they change.
  struct FiguresOfRates {
    Hour hour = 0;
    std::array<std::int64_t, stat_count> counts{};  ///< Of both days.
    bool operator==(const FiguresOfRates&) const = default;
  };
  /// An app's rates as they were read, and of what: while that is the same, they are.
  struct KnownRates {
    FiguresOfRates of{};
    RateReading delivery, delivery_before, verification, verification_before;
  };
  using WebhooksByApp = std::map<AppId, std::vector<Webhook>>;

 private:
  void look();
  void note(std::map<AppId, KnownRates>& rates, AppId last);
  Ports ports_;
  const SettingsInForce& settings_;
  const Lease& housekeeper_;
  const Directory& directory_;
  AppId last_ = 0;       ///< Who was looked at last; 0: a round begins.
  MonoTime round_at_{};  ///< When this one began.
  std::map<AppId, KnownRates> rates_;
  std::shared_ptr<const WebhooksByApp> webhooks_;  ///< Of this round.
  bool is_stopping_ = false;
  std::shared_ptr<bool> is_alive_ = std::make_shared<bool>(true);
  std::unique_ptr<Timer> timer_;
};

/// What an app's owner was warned of that is not over, as it was told; those that may still pass are not among them.
void read_alerts(Store& store, AppId app, std::move_only_function<void(std::optional<std::vector<Alert>>)> done);

}  // namespace xion
