#include <fmt/format.h>

#include "control/verb.h"
#include "core/phone.h"

namespace xion::control {
namespace {

void route_list(Command command) {
  JsonWriter json;
  json.begin_array();
  for (const RouteSettings& route : command.services.settings->routes) {
    json.begin_object()
        .field("name", route.name)
        .field("prefix", route.prefix)
        .field("country", route.country)
        .field("network", route.network);
    json.field("app", route.app).field("purpose", route.purpose).key("carriers").begin_array();
    for (const RouteCarrier& carrier : route.carriers) json.value(carrier.name);
    json.end_array().field("failoverAfterSeconds", route.failover_after.count()).end_object();
  }
  json.end_array();
  command.done(std::move(json).str());
}

void route_explain(Command command) {
  const auto phone = parse_phone(command.required("phone"));
  if (!phone) return command.refuse(describe(phone.error(), command.required("phone")));
  const std::string app(command.request.text("app").value_or(""));
  if (!app.empty() && !command.services.directory.app_named(app)) {
    return command.refuse(fmt::format("there is no app {}", app), "`xionctl app list` shows them");
  }
  const RouteExplanation decision =
      command.services.carriers->explain({.e164 = phone->e164,
                                          .country = phone->country,
                                          .app = app,
                                          .purpose = command.request.text("purpose").value_or("default"),
                                          .group = {},
                                          .tried = {}});
  JsonWriter json;
  json.begin_object();
  json.field("phone", command.request.flag("reveal") ? phone->e164 : mask_phone(phone->e164, phone->country_code));
  json.field("country", phone->country).field("numberType", to_string(phone->type));
  json.field("route", decision.route != nullptr ? decision.route->name : std::string())
      .field("why", decision.why_route);
  json.field("chosen", decision.carrier.value_or("")).key("options").begin_array();
  for (const RouteOption& option : decision.options) {
    json.begin_object()
        .field("carrier", option.carrier)
        .field("chosen", option.is_chosen)
        .field("reason", option.reason)
        .field("room", static_cast<std::uint64_t>(option.health.room))
        .field("breaker", to_string(option.health.breaker))
        .field("weight", option.weight)
        .field("cost", option.cost);
    if (option.health.conversion) json.field("conversion", *option.health.conversion);
    json.end_object();
  }
  json.end_array().end_object();
  command.done(std::move(json).str());
}

}  // namespace

Verbs route_verbs() {
  static constexpr Verb verbs[] = {{"route list", route_list}, {"route explain", route_explain}};
  static_assert(is_every_verb_of("route", verbs));
  return verbs;
}

}  // namespace xion::control
