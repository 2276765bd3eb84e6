#include <fmt/format.h>

#include "control/duration.h"
#include "control/hook_path.h"
#include "control/verb.h"

namespace xion::control {
namespace {

std::string_view state_of(const ApiKey& key, bool has_app, WallTime now) {
  if (key.revoked_at || !has_app) return "revoked";
  return key.expires_at && *key.expires_at <= now ? "expired" : "active";
}

void write_scopes(JsonWriter& json, Scopes scopes) {
  json.key("scopes").begin_array();
  for (const std::string_view name : scope_names(scopes)) json.value(name);
  json.end_array();
}

void write_key(JsonWriter& json, const ApiKey& key, const Services& services) {
  const auto app = services.directory.app(key.app);
  json.begin_object().field("id", key.id).field("app", app ? app->app.name : std::string());
  json.field("state", state_of(key, app != nullptr, services.loop.wall_now())).field("test", key.test);
  if (!key.name.empty()) json.field("name", key.name);
  if (!key.hook.empty()) json.field("hook", key.hook).field("path", hook_path(key));
  write_scopes(json, key.scopes);
  json.key("networks").begin_array();
  for (const std::string& network : key.networks) json.value(network);
  json.end_array().field("createdAt", rfc3339(key.created_at));
  if (key.expires_at) json.field("expiresAt", rfc3339(*key.expires_at));
  if (key.revoked_at) json.field("revokedAt", rfc3339(*key.revoked_at));
  if (const auto used = services.directory.last_used(key.id)) json.field("lastUsedAt", rfc3339(*used));
  json.end_object();
}

std::optional<Refusal> read_scopes(const std::vector<std::string>& names, Scopes& scopes) {
  if (names.empty()) return std::nullopt;
  scopes = 0;
  for (const std::string& name : names) {
    const auto scope = parse_scope(name);
    if (!scope)
      return Refusal{
          fmt::format("there is no scope {}", name),
          "scopes: otp:send otp:verify otp:read stats:read pii:read admin:keys admin:templates admin:webhooks "
          "admin:lists admin:policy"};
    scopes = static_cast<Scopes>(scopes | static_cast<Scopes>(*scope));
  }
  return std::nullopt;
}

void key_create(Command command) {
  KeyWish wish{.app = command.required("app"),
               .scopes = default_scopes,
               .is_test = command.request.flag("test"),
               .expires_in = {},
               .networks = command.request.texts("network"),
               .name = std::string(command.request.text("name").value_or("")),
               .hook = std::string(command.request.text("hook").value_or("")),
               .secret = Secret(std::string(command.request.text("secret").value_or("")))};
  if (command.request.args.find("scope") != nullptr && command.request.texts("scope").empty())
    return command.misuse("a key without a scope could do nothing", "leave --scope out for the usual ones");
  if (!wish.hook.empty() && command.request.args.find("scope") != nullptr)
    return command.misuse("a hook's key has the scope otp:send and no other", "leave --scope out");
  if (const auto refusal = read_scopes(command.request.texts("scope"), wish.scopes)) return command.refuse(*refusal);
  if (const auto expires = command.request.text("expires")) {
    wish.expires_in = parse_duration(*expires);
    if (!wish.expires_in)
      return command.misuse(fmt::format("expires: {} is no duration", *expires), "such as 90d, 12h or 30m");
  }
  Directory& directory = command.services.directory;
  std::string app = wish.app;
  const KeyAsker by = command.asker;  // The command moves into what is told.
  directory.create_key(std::move(wish), by,
                       [command = std::move(command), app = std::move(app)](std::expected<NewKey, Refusal> made) {
                         if (!made) return command.refuse(made.error());
                         JsonWriter json;
                         json.begin_object().field("id", made->key.id);
                         if (made->key.hook.empty()) json.field("key", made->text.reveal());
                         json.field("app", app);
                         if (!made->key.name.empty()) json.field("name", made->key.name);
                         if (!made->key.hook.empty()) {
                           json.field("hook", made->key.hook);
                           json.field("path", hook_path(made->key));
                           if (made->is_ours) json.field("secret", made->secret.reveal());
                         }
                         write_scopes(json, made->key.scopes);
                         json.field("test", made->key.test);
                         if (made->key.expires_at) json.field("expiresAt", rfc3339(*made->key.expires_at));
                         json.end_object();
                         command.done(std::move(json).str());
                       });
}

void key_rotate(Command command) {
  constexpr Seconds usual_grace{std::chrono::hours{24}};
  const auto keep = command.request.text("keep");
  const auto grace =
      keep ? (*keep == "0" ? std::optional(Seconds{0}) : parse_duration(*keep)) : std::optional(usual_grace);
  if (!grace) return command.misuse(fmt::format("keep: {} is no duration", *keep), "such as 24h, 30m or 0");
  Directory& directory = command.services.directory;
  auto id = command.required("id");
  std::string old_id = id;
  const KeyAsker by = command.asker;
  directory.rotate_key(
      std::move(id), *grace, by,
      [command = std::move(command), old_id = std::move(old_id)](std::expected<RotatedKey, Refusal> made) {
        if (!made) return command.refuse(made.error());
        const auto app = command.services.directory.app(made->fresh.key.app);
        JsonWriter json;
        json.begin_object().field("id", made->fresh.key.id).field("key", made->fresh.text.reveal());
        json.field("app", app ? app->app.name : std::string());
        write_scopes(json, made->fresh.key.scopes);
        json.field("test", made->fresh.key.test);
        if (made->fresh.key.expires_at) json.field("expiresAt", rfc3339(*made->fresh.key.expires_at));
        json.field("replaces", old_id).field("oldKeyEndsAt", rfc3339(made->old_ends_at)).end_object();
        command.done(std::move(json).str());
      });
}

void key_list(Command command) {
  const auto wanted = command.request.text("app");
  const auto app = wanted ? command.services.directory.app_named(*wanted) : nullptr;
  if (wanted && !app)
    return command.refuse(fmt::format("there is no app {}", *wanted), "`xionctl app list` shows them");
  JsonWriter json;
  json.begin_array();
  for (const ApiKey& key : command.services.directory.keys()) {
    if (!app || key.app == app->app.id) write_key(json, key, command.services);
  }
  json.end_array();
  command.done(std::move(json).str());
}

void key_revoke(Command command) {
  Directory& directory = command.services.directory;
  auto id = command.required("id");
  const KeyAsker by = command.asker;
  directory.revoke_key(std::move(id), by, [command = std::move(command)](std::expected<ApiKey, Refusal> key) {
    if (!key) return command.refuse(key.error());
    JsonWriter json;
    write_key(json, *key, command.services);
    command.done(std::move(json).str());
  });
}

}  // namespace

Verbs key_verbs() {
  static constexpr Verb verbs[] = {
      {"key create", key_create}, {"key list", key_list}, {"key rotate", key_rotate}, {"key revoke", key_revoke}};
  static_assert(is_every_verb_of("key", verbs));
  return verbs;
}

}  // namespace xion::control
