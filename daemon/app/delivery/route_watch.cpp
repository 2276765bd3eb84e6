#include "app/delivery/route_watch.h"

#include <algorithm>

#include "app/delivery/carriers.h"
#include "app/owners/notices.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr Millis look_period{1'000};
/// How long a route must be down before anybody is told. A reconnect takes a second or two.
constexpr Millis told_after{5'000};

std::string data_of(const RouteSettings& route, Millis down_for) {
  JsonWriter json;
  json.begin_object().field("route", route.name);
  json.field("downSeconds", std::int64_t{std::chrono::floor<Seconds>(down_for).count()});
  return std::move(json.end_object()).str();
}

}  // namespace

RouteWatch::RouteWatch(const Ports& ports, const SettingsInForce& settings, const Carriers& carriers,
                       const Lease& housekeeper, Notices& notices)
    : loop_(ports.loop),
      cluster_(ports.cluster),
      settings_(settings),
      carriers_(carriers),
      housekeeper_(housekeeper),
      notices_(notices),
      timer_(ports.loop.timer([this] { look(); })) {}

void RouteWatch::start() { timer_->start(look_period); }
void RouteWatch::stop() { timer_->stop(); }

bool RouteWatch::is_bound(const RouteSettings& route, const std::vector<CarrierView>& carriers) const {
  return std::ranges::any_of(route.carriers, [&](const RouteCarrier& of_route) {
    const auto found = std::ranges::find(carriers, of_route.name, &CarrierView::name);
    return found != carriers.end() && (found->state == "bound" || cluster_.is_bound_elsewhere(of_route.name));
  });
}

void RouteWatch::look() {
  const MonoTime now = loop_.now();
  const auto carriers = carriers_.view();
  for (const RouteSettings& route : settings_->routes) {
    Seen& seen = seen_[route.name];
    if (is_bound(route, carriers))
      came_up(route, seen, now);
    else
      went_down(route, seen, now);
  }
  timer_->start(look_period);
}

void RouteWatch::went_down(const RouteSettings& route, Seen& seen, MonoTime now) {
  if (!seen.is_down) seen = {.since = now, .is_down = true};
  if (now - seen.since < told_after) return;
  seen.is_known = true;
  if (seen.is_told || !housekeeper_.is_held()) return;
  seen.is_told = true;
  log::warning("route.down", "route={}", route.name);
  notices_.tell({"route.down", Txn::every_app, loop_.wall_now(), data_of(route, now - seen.since), {}});
}

void RouteWatch::came_up(const RouteSettings& route, Seen& seen, MonoTime now) {
  if (seen.is_known && housekeeper_.is_held()) {
    const Millis down_for = now - seen.since;
    log::info("route.up", "route={} down_seconds={}", route.name, std::chrono::floor<Seconds>(down_for).count());
    notices_.tell({"route.up", Txn::every_app, loop_.wall_now(), data_of(route, down_for), {}});
  }
  seen = {};
}

}  // namespace xion
