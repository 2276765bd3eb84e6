#include <fmt/format.h>

#include "app/owners/audit_trail.h"
#include "control/duration.h"
#include "control/verb.h"

namespace xion::control {
namespace {

/// `is_for_owner`: of whoever works at the daemon's machine nothing is told but that it was an operator.
void write_event(JsonWriter& json, const AuditEvent& event, bool is_for_owner) {
  const bool is_known = !is_for_owner || !event.who.person.empty();
  json.begin_object().field("at", rfc3339(event.at));
  json.field("by", is_for_owner ? describe_to_owner(event.who) : describe(event.who)).field("command", event.command);
  json.field("arguments", event.arguments).field("outcome", to_string(event.outcome));
  json.field("before", event.before).field("after", event.after);
  if (!event.reason.empty()) json.field("reason", event.reason);
  json.field("from", is_known ? std::string_view(event.who.from) : std::string_view());
  if (!is_for_owner) json.field("uid", std::uint64_t{event.who.uid}).field("user", event.who.name);
  if (!is_for_owner && !event.who.sudo_user.empty()) json.field("sudoUser", event.who.sudo_user);
  if (!event.who.person.empty()) json.field("person", event.who.person);
  json.end_object();
}

void audit(Command command) {
  AuditQuery query;
  if (const auto text = command.request.text("since")) {
    const auto span = parse_duration(*text);
    if (!span) return command.misuse("--since: expected a time such as 24h or 7d");
    query.since = command.services.loop.wall_now() - *span;
  }
  if (const auto name = command.request.text("app")) {
    const auto app = command.services.directory.app_named(*name);
    if (!app) return command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
    query.app = app->app;
  }
  query.is_for_owner = command.asker.owner_of.has_value();
  query.by = command.request.text("by").value_or("");
  query.what = command.request.text("what").value_or("");
  query.limit =
      static_cast<std::size_t>(std::clamp<std::int64_t>(command.request.number("limit").value_or(20), 1, 100'000));
  const bool is_for_owner = query.is_for_owner;
  list_audit(command.services.store, std::move(query), [command, is_for_owner](auto found) {
    if (!found) return command.refuse("the store can't be read", "see `xionctl status`");
    JsonWriter json;
    json.begin_array();
    for (const AuditEvent& event : *found) write_event(json, event, is_for_owner);
    json.end_array();
    command.done(std::move(json).str());
  });
}

constexpr std::size_t changes_at_most = 500;

/// What the arguments of an event say of a name, such as `name=primary`; empty: nothing.
std::string_view named_in(std::string_view arguments, std::string_view member) {
  while (!arguments.empty()) {
    const auto end = std::min(arguments.find(' '), arguments.size());
    if (arguments.substr(0, end).starts_with(member)) return arguments.substr(0, end).substr(member.size());
    arguments.remove_prefix(std::min(end + 1, arguments.size()));
  }
  return {};
}

/// Without a person, an argument or a value: an owner may see when what concerns everybody changed.
void audit_changes(Command command) {
  const auto app = command.services.directory.app_named(command.required("app"));
  if (!app)
    return command.refuse(fmt::format("there is no app {}", command.required("app")), "`xionctl app list` shows them");
  const auto span = parse_duration(command.request.text("since").value_or("30d"));
  if (!span) return command.misuse("--since: expected a time such as 24h or 7d");
  const AuditQuery query{.since = command.services.loop.wall_now() - *span,
                         .by = {},
                         .what = {},
                         .app = app->app,
                         .shows_in_figures = true,
                         .limit = changes_at_most};
  list_audit(command.services.store, query, [command](auto found) {
    if (!found) return command.refuse("the store can't be read", "see `xionctl status`");
    JsonWriter json;
    json.begin_array();
    for (const AuditEvent& event : *found) {
      json.begin_object().field("at", rfc3339(event.at)).field("command", event.command);
      const bool has_name = event.command.starts_with("carrier ") || event.command.starts_with("template ");
      const auto name = has_name ? named_in(event.arguments, "name=") : std::string_view();
      if (!name.empty()) json.field("name", name);
      const auto locale = named_in(event.arguments, "locale=");
      if (event.command.starts_with("template ") && !locale.empty()) json.field("locale", locale);
      json.end_object();
    }
    json.end_array();
    command.done(std::move(json).str());
  });
}

}  // namespace

Verbs audit_verbs() {
  static constexpr Verb verbs[] = {{"audit", audit}, {"audit changes", audit_changes}};
  static_assert(is_every_verb_of("audit", verbs));
  return verbs;
}

}  // namespace xion::control
