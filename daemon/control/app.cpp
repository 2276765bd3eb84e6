#include <algorithm>

#include "control/verb.h"

namespace xion::control {
namespace {

std::string summary(const App& app) {
  JsonWriter json;
  json.begin_object().field("id", app.id).field("name", app.name).field("plan", app.plan).end_object();
  return std::move(json).str();
}

void write_rules(JsonWriter& json, std::string_view name, const std::vector<RateRule>& rules) {
  json.key(name).begin_array();
  for (const RateRule& rule : rules) json.value(to_string(rule));
  json.end_array();
}

void write_names(JsonWriter& json, std::string_view name, const std::vector<std::string>& names) {
  json.key(name).begin_array();
  for (const std::string& one : names) json.value(one);
  json.end_array();
}

/// What holds for the app, its overrides laid over the configuration.
void write_policy(JsonWriter& json, const AppPolicy& policy) {
  json.key("policy").begin_object();
  json.field("ttl_seconds", policy.otp.ttl.count()).field("ttl_max_seconds", policy.otp.ttl_max.count());
  json.field("code_length", std::uint32_t{policy.otp.code_length})
      .field("attempts", std::uint32_t{policy.otp.attempts});
  json.field("resend", policy.otp.resend_rotates ? "rotate" : "same");
  write_rules(json, "sends_per_phone", policy.limits.sends_per_phone);
  write_rules(json, "sends_per_user_ip", policy.limits.sends_per_user_ip);
  json.key("cooldown_seconds").begin_array();
  for (const Seconds wait : policy.limits.cooldown) json.value(std::int64_t{wait.count()});
  json.end_array();
  json.field("sms_per_month", policy.plan.sms_per_month).field("requests_per_second", policy.plan.requests_per_second);
  json.field("overage", policy.plan.overage).field("segments_max", std::uint32_t{policy.otp.segments_max});
  write_names(json, "countries_allowed", policy.rights.countries_allowed);
  write_names(json, "countries_denied", policy.rights.countries_denied);
  write_names(json, "countries_monitored", policy.rights.countries_monitored);
  write_names(json, "number_types", policy.rights.number_types);
  write_names(json, "senders", policy.rights.senders);
  write_names(json, "routes", policy.rights.routes);
  json.field("sender", policy.rights.sender).field("route", policy.rights.route);
  const GuardMode mode = policy.guard.mode;
  json.field("fraud", mode == GuardMode::off ? "off" : mode == GuardMode::record ? "record" : "enforce");
  json.end_object();
}

/// Tells the app, or why not.
AdminDone<App> tell(Command command) {
  return [command = std::move(command)](std::expected<App, Refusal> app) {
    if (!app) return command.refuse(app.error());
    command.done(summary(*app));
  };
}

void app_add(Command command) {
  Directory& directory = command.services.directory;
  auto name = command.required("name");
  std::string plan(command.request.text("plan").value_or("starter"));
  auto overrides = command.request.pairs("set");
  directory.add_app(std::move(name), std::move(plan), std::move(overrides), tell(std::move(command)));
}

void app_set(Command command) {
  Directory& directory = command.services.directory;
  auto name = command.required("name");
  auto overrides = command.request.pairs("set");
  directory.set_app(std::move(name), std::move(overrides), tell(std::move(command)));
}

void app_remove(Command command) {
  Directory& directory = command.services.directory;
  auto name = command.required("name");
  directory.remove_app(std::move(name), tell(std::move(command)));
}

void app_list(Command command) {
  const auto keys = command.services.directory.keys();
  JsonWriter json;
  json.begin_array();
  for (const auto& entry : command.services.directory.apps()) {
    const auto is_of_app = [&](const ApiKey& key) { return key.app == entry->app.id && !key.revoked_at; };
    json.begin_object().field("id", entry->app.id).field("name", entry->app.name).field("plan", entry->app.plan);
    json.field("keys", std::int64_t{std::ranges::count_if(keys, is_of_app)});
    json.field("createdAt", rfc3339(entry->app.created_at)).end_object();
  }
  json.end_array();
  command.done(std::move(json).str());
}

void app_show(Command command) {
  const auto entry = command.services.directory.app_named(command.required("name"));
  if (!entry) return command.refuse("there is no app " + command.required("name"), "`xionctl app list` shows them");
  JsonWriter json;
  json.begin_object().field("id", entry->app.id).field("name", entry->app.name).field("plan", entry->app.plan);
  json.field("createdAt", rfc3339(entry->app.created_at)).key("overrides").begin_object();
  for (const auto& [key, value] : entry->app.overrides) json.field(key, value);
  json.end_object();
  write_policy(json, entry->policy);
  json.key("keys").begin_array();
  for (const ApiKey& key : command.services.directory.keys()) {
    if (key.app == entry->app.id && !key.revoked_at) json.value(key.id);
  }
  json.end_array().end_object();
  command.done(std::move(json).str());
}

}  // namespace

Verbs app_verbs() {
  static constexpr Verb verbs[] = {{"app add", app_add},
                                   {"app list", app_list},
                                   {"app show", app_show},
                                   {"app set", app_set},
                                   {"app remove", app_remove}};
  static_assert(is_every_verb_of("app", verbs));
  return verbs;
}

}  // namespace xion::control
