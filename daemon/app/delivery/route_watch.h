#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/ports.h"
#include "app/settings_in_force.h"

namespace xion {

class Carriers;
struct CarrierView;
class Notices;

/// Tells when a route has no carrier that is bound and takes messages, and when it has one again: the webhook types
/// `route.down` and `route.up`, to every app. A route must be down for a while before it is told: carriers unbind and
/// come back. A bind of any node counts; all of them watch, and the housekeeper tells, so that another one that takes
/// the role knows what it has to say. Loop thread only.
class RouteWatch {
 public:
  RouteWatch(const Ports& ports, const SettingsInForce& settings, const Carriers& carriers, const Lease& housekeeper,
             Notices& notices);
  void start();
  void stop();

 private:
  struct Seen {
    MonoTime since{};  ///< When it went down.
    bool is_down = false;
    bool is_known = false;  ///< It was down for long enough to be told.
    bool is_told = false;   ///< By this node.
  };
  void look();
  bool is_bound(const RouteSettings& route, const std::vector<CarrierView>& carriers) const;
  void went_down(const RouteSettings& route, Seen& seen, MonoTime now);
  void came_up(const RouteSettings& route, Seen& seen, MonoTime now);

  Loop& loop_;
  Cluster& cluster_;
  const SettingsInForce& settings_;
  const Carriers& carriers_;
  const Lease& housekeeper_;
  Notices& notices_;
  std::map<std::string, Seen, std::less<>> seen_;  ///< By the route's name.
  std::unique_ptr<Timer> timer_;
};

}  // namespace xion
