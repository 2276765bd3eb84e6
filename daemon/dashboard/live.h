#pragma once
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/codes/read_stats.h"
#include "app/services.h"
#include "core/owners/dashboard_pass.h"
#include "dashboard/event_stream.h"
#include "ports/http.h"

namespace xion::dashboard {

/// Tells open pages that something changed, as server-sent events. While somebody looks, the sums of the last two days
/// and the newest request of each app that is looked at are read once a second, a row of the store; while nobody does,
/// nothing is. Source: WHATWG HTML §9.2.
class Live {
 public:
  explicit Live(Services& services);

  bool has_room(std::string_view session) const;
  /// `app` 0: an operator's page, which is told to look again every two seconds.
  void add(std::unique_ptr<HttpBody> body, const DashboardPass& pass, AppId app);
  void stop();

 private:
  struct Watcher {
    std::shared_ptr<EventStream> page;
    std::string session;
    AppId app = 0;
  };

  void look();
  void compare(const std::map<AppId, Glance>& now);
  void tell(AppId app, std::string_view event);
  void end_revoked();

  Services& services_;
  std::vector<Watcher> watchers_;
  std::map<AppId, Glance> known_;
  std::unique_ptr<Timer> timer_;
  std::uint64_t turns_ = 0;
  std::shared_ptr<bool> lives_ =
      std::make_shared<bool>(true);  ///< False once it has gone: a look may still be under way.
};

}  // namespace xion::dashboard
