#include "app/owners/audit_trail.h"
#include "control/duration.h"
#include "control/verb.h"

namespace xion::control {
namespace {

void write_event(JsonWriter& json, const AuditEvent& event) {
  json.begin_object().field("at", rfc3339(event.at)).field("by", describe(event.who)).field("command", event.command);
  json.field("arguments", event.arguments).field("outcome", to_string(event.outcome));
  json.field("before", event.before).field("after", event.after);
  if (!event.reason.empty()) json.field("reason", event.reason);
  json.field("from", event.who.from).field("uid", std::uint64_t{event.who.uid}).field("user", event.who.name);
  if (!event.who.sudo_user.empty()) json.field("sudoUser", event.who.sudo_user);
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
  query.by = command.request.text("by").value_or("");
  query.what = command.request.text("what").value_or("");
  query.limit =
      static_cast<std::size_t>(std::clamp<std::int64_t>(command.request.number("limit").value_or(20), 1, 100'000));
  list_audit(command.services.store, std::move(query), [command](std::optional<std::vector<AuditEvent>> found) {
    if (!found) return command.refuse("the store can't be read", "see `xionctl status`");
    JsonWriter json;
    json.begin_array();
    for (const AuditEvent& event : *found) write_event(json, event);
    json.end_array();
    command.done(std::move(json).str());
  });
}

}  // namespace

Verbs audit_verbs() {
  static constexpr Verb verbs[] = {{"audit", audit}};
  static_assert(is_every_verb_of("audit", verbs));
  return verbs;
}

}  // namespace xion::control
