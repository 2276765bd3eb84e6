#include <fmt/format.h>

#include "control/decision.h"
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

/// The app that is asked about: the one that was named, or the only one there is; null: neither.
std::shared_ptr<AppEntry> app_asked_about(const Command& command) {
  const std::string name(command.request.text("app").value_or(""));
  if (!name.empty()) return command.services.directory.app_named(name);
  const auto apps = command.services.directory.apps();
  return apps.size() == 1 ? apps.front() : nullptr;
}

void write_choice(JsonWriter& json, const Command& command, const Phone& phone, const RouteExplanation& decision) {
  json.field("phone", command.request.flag("reveal") ? phone.e164 : mask_phone(phone.e164, phone.country_code));
  json.field("country", phone.country).field("numberType", to_string(phone.type));
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
  json.end_array();
}

/// The choice of the carrier, and where the app is known the whole decision: what the send call would say.
void route_explain(Command command) {
  const auto phone = parse_phone(command.required("phone"));
  if (!phone) return command.refuse(describe(phone.error(), command.required("phone")));
  const auto app = app_asked_about(command);
  if (!app && command.request.text("app"))
    return command.refuse(fmt::format("there is no app {}", *command.request.text("app")),
                          "`xionctl app list` shows them");
  const std::string app_name(command.request.text("app").value_or(""));
  const std::string purpose(command.request.text("purpose").value_or("default"));
  JsonWriter json;
  json.begin_object();
  write_choice(json, command, *phone,
               command.services.carriers->explain({.e164 = phone->e164,
                                                   .country = phone->country,
                                                   .app = app_name,
                                                   .purpose = purpose,
                                                   .group = {},
                                                   .tried = {}}));
  if (!app) return command.done(std::move(json.end_object()).str());
  SendRequest request;
  request.phone = *phone;
  request.purpose = purpose;
  Services& services = command.services;
  dry_run(services, Caller{.app = app, .key_id = {}, .scopes = 0, .is_test = false}, std::move(request),
          [command = std::move(command), app, json = std::move(json)](std::optional<DryRun> run) mutable {
            if (!run) return command.refuse("the store can't be read", "see `xionctl status`");
            json.key("decision").begin_object().field("app", app->app.name);
            write_decision(json, command, *run);
            json.end_object();
            command.done(std::move(json.end_object()).str());
          });
}

}  // namespace

Verbs route_verbs() {
  static constexpr Verb verbs[] = {{"route list", route_list}, {"route explain", route_explain}};
  static_assert(is_every_verb_of("route", verbs));
  return verbs;
}

}  // namespace xion::control
