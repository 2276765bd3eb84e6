#include <algorithm>

#include "app/owners/webhook_admin.h"
#include "control/hook_path.h"
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

/// What reaches an app from outside and what it may have called: auth servers that have their codes sent, and the URLs
/// that its sends may name.
void write_doors(JsonWriter& json, AppId app, const std::vector<ApiKey>& keys,
                 const std::vector<WebhookStanding>& webhooks) {
  json.key("hooks").begin_array();
  for (const ApiKey& key : keys) {
    if (key.app == app && !key.revoked_at && !key.hook.empty())
      json.begin_object().field("hook", key.hook).field("key", key.id).field("path", hook_path(key)).end_object();
  }
  json.end_array().key("callbacks").begin_array();
  for (const WebhookStanding& standing : webhooks) {
    const Webhook& webhook = standing.webhook;
    if (webhook.app == app && webhook.is_callback && webhook.disabled.empty()) json.value(masked_url(webhook.url));
  }
  json.end_array();
}

/// A store that can't be read leaves the webhooks out.
template <typename Tell>
void with_webhooks(Services& services, Tell tell) {
  find_webhooks(services, {}, [tell = std::move(tell)](const auto& found) mutable {
    tell(found ? *found : std::vector<WebhookStanding>());
  });
}

void app_list(Command command) {
  Services& services = command.services;
  with_webhooks(services, [command = std::move(command)](const std::vector<WebhookStanding>& webhooks) {
    const auto keys = command.services.directory.keys();
    JsonWriter json;
    json.begin_array();
    for (const auto& entry : command.services.directory.apps()) {
      const auto is_of_app = [&](const ApiKey& key) { return key.app == entry->app.id && !key.revoked_at; };
      json.begin_object().field("id", entry->app.id).field("name", entry->app.name).field("plan", entry->app.plan);
      json.field("keys", std::int64_t{std::ranges::count_if(keys, is_of_app)});
      write_doors(json, entry->app.id, keys, webhooks);
      json.field("createdAt", rfc3339(entry->app.created_at)).end_object();
    }
    json.end_array();
    command.done(std::move(json).str());
  });
}

void show_app(const Command& command, const std::shared_ptr<AppEntry>& entry,
              const std::vector<WebhookStanding>& webhooks) {
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
  json.end_array();
  write_doors(json, entry->app.id, command.services.directory.keys(), webhooks);
  json.end_object();
  command.done(std::move(json).str());
}

void app_show(Command command) {
  const auto entry = command.services.directory.app_named(command.required("name"));
  if (!entry) return command.refuse("there is no app " + command.required("name"), "`xionctl app list` shows them");
  Services& services = command.services;
  with_webhooks(services, [command = std::move(command), entry](const std::vector<WebhookStanding>& webhooks) {
    show_app(command, entry, webhooks);
  });
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
