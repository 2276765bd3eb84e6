#include <fmt/format.h>

#include "app/owners/lists.h"
#include "control/duration.h"
#include "control/verb.h"

namespace xion::control {
namespace {

void write_entry(JsonWriter& json, const ListEntry& entry, const Services& services) {
  const auto app = services.directory.app(entry.app);
  json.begin_object().field("subject", to_string(entry.subject));
  json.field("value", entry.subject == ListSubject::everything ? "*" : entry.value);
  json.field("app", entry.app == 0 ? std::string("(all)") : app ? app->app.name : fmt::format("#{}", entry.app));
  json.field("reason", entry.reason).field("createdAt", rfc3339(entry.created_at));
  if (entry.expires_at) json.field("expiresAt", rfc3339(*entry.expires_at));
  json.field("active", entry.holds(services.loop.wall_now())).end_object();
}

/// The entry that the arguments name; refuses the command where they name none.
std::optional<ListEntry> named_entry(const Command& command, ListKind kind) {
  const auto target = parse_list_target(command.required("subject"));
  if (!target) {
    command.misuse(fmt::format("{} names nothing that could be listed", command.required("subject")),
                   "a phone such as +37499123456, a prefix such as +37499*, a country such as AM, or * for everything");
    return std::nullopt;
  }
  AppId app = 0;
  if (const auto name = command.request.text("app")) {
    const auto known = command.services.directory.app_named(*name);
    if (!known) {
      command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
      return std::nullopt;
    }
    app = known->app.id;
  }
  if (target->subject == ListSubject::everything && app == 0 && kind == ListKind::block) {
    command.misuse("everything of all apps can't be blocked", "name one: --app");
    return std::nullopt;
  }
  return list_entry(kind, app, *target, command.services.loop_vault);
}

AdminDone<ListEntry> tell_entry(Command command) {
  return [command = std::move(command)](std::expected<ListEntry, Refusal> entry) {
    if (!entry) return command.refuse(entry.error());
    JsonWriter json;
    write_entry(json, *entry, command.services);
    command.done(std::move(json).str());
  };
}

void add_entry(Command command, ListKind kind) {
  auto entry = named_entry(command, kind);
  if (!entry) return;
  entry->reason = command.request.text("reason").value_or("");
  if (entry->reason.size() > 200) return command.misuse("the reason is too long", "200 octets at most");
  entry->created_at = command.services.loop.wall_now();
  if (const auto expires = command.request.text("expires")) {
    const auto after = parse_duration(*expires);
    if (!after) return command.misuse(fmt::format("expires = {}: expected a time such as 12h or 90d", *expires));
    entry->expires_at = entry->created_at + *after;
  }
  Services& services = command.services;
  add_to_list(services, std::move(*entry), tell_entry(std::move(command)));
}

void remove_entry(Command command, ListKind kind) {
  auto entry = named_entry(command, kind);
  if (!entry) return;
  Services& services = command.services;
  remove_from_list(services, std::move(*entry), tell_entry(std::move(command)));
}

void list_of(Command command, ListKind kind) {
  std::optional<AppId> app;
  if (const auto name = command.request.text("app")) {
    const auto known = command.services.directory.app_named(*name);
    if (!known) return command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
    app = known->app.id;
  }
  Services& services = command.services;
  list_entries(services, kind, app, [command = std::move(command)](std::vector<ListEntry> entries, bool is_read) {
    if (!is_read) return command.refuse("the store can't be read", "see `xionctl status`");
    JsonWriter json;
    json.begin_array();
    for (const ListEntry& entry : entries) write_entry(json, entry, command.services);
    json.end_array();
    command.done(std::move(json).str());
  });
}

void block_add(Command command) { add_entry(std::move(command), ListKind::block); }
void block_list(Command command) { list_of(std::move(command), ListKind::block); }
void block_remove(Command command) { remove_entry(std::move(command), ListKind::block); }
void allow_add(Command command) { add_entry(std::move(command), ListKind::allow); }
void allow_list(Command command) { list_of(std::move(command), ListKind::allow); }
void allow_remove(Command command) { remove_entry(std::move(command), ListKind::allow); }

}  // namespace

Verbs block_verbs() {
  static constexpr Verb verbs[] = {
      {"block add", block_add}, {"block list", block_list}, {"block remove", block_remove}};
  static_assert(is_every_verb_of("block", verbs));
  return verbs;
}

Verbs allow_verbs() {
  static constexpr Verb verbs[] = {
      {"allow add", allow_add}, {"allow list", allow_list}, {"allow remove", allow_remove}};
  static_assert(is_every_verb_of("allow", verbs));
  return verbs;
}

}  // namespace xion::control
