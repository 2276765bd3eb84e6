#pragma once
#include <map>
#include <memory>
#include <string>

#include "app/settings_in_force.h"
#include "ports/loop.h"

namespace xion {

class Carriers;
class Notices;

/// Tells when a route has no carrier that is bound and takes messages, and when it has one again: the webhook types
/// `route.down` and `route.up`, to every app. A route must be down for a while before it is told: carriers unbind and
/// come back. Loop thread only.
class RouteWatch {
 public:
  RouteWatch(Loop& loop, const SettingsInForce& settings, const Carriers& carriers, Notices& notices);
  void start();
  void stop();

 private:
  struct Seen {
    MonoTime since{};  ///< When it went down.
    bool is_down = false;
    bool is_told = false;
  };
  void look();
  void went_down(const RouteSettings& route, Seen& seen, MonoTime now);
  void came_up(const RouteSettings& route, Seen& seen, MonoTime now);

  Loop& loop_;
  const SettingsInForce& settings_;
  const Carriers& carriers_;
  Notices& notices_;
  std::map<std::string, Seen, std::less<>> seen_;  ///< By the route's name.
  std::unique_ptr<Timer> timer_;
};

}  // namespace xion
