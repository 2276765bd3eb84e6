#include <algorithm>

#include "control/verb.h"
#include "core/owners/app_keys.h"
#include "core/owners/app_policy.h"

namespace xion::control {
namespace {

std::string summary(const App& app) {
  JsonWriter json;
  json.begin_object().field("id", app.id).field("name", app.name).field("plan", app.plan).end_object();
  return std::move(json).str();
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
  json.key("policy");
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
