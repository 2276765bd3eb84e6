#include "core/owners/audit_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/octets.h"
#include "core/record_formats.h"

namespace xion {
namespace {

/// Not inside a character.
std::string_view cut(std::string_view text) {
  if (text.size() <= audit_text_limit_octets) return text;
  std::size_t end = audit_text_limit_octets;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

std::string describe(const Actor& actor) {
  if (!actor.person.empty())
    return fmt::format("{} ({})", actor.person, actor.from.starts_with("api ") ? "API key" : "dashboard");
  const std::string user = actor.name.empty() ? fmt::format("uid {}", actor.uid) : actor.name;
  const bool is_by_sudo = !actor.sudo_user.empty() && actor.sudo_user != actor.name;
  return is_by_sudo ? fmt::format("{} ({} by sudo)", actor.sudo_user, user) : user;
}

std::string describe_to_owner(const Actor& actor) { return actor.person.empty() ? "operator" : describe(actor); }

bool is_about(const AuditEvent& event, const App& app) {
  const std::string_view first = std::string_view(event.arguments).substr(0, event.arguments.find(' '));
  const std::string_view member = event.command.starts_with("app ") ? "name=" : "app=";
  // What makes an app is asked before the app is: of an owner's trail it is no part, however quick the disk was.
  if (event.command == "app add") return false;
  return event.at >= app.created_at && first.starts_with(member) && first.substr(member.size()) == app.name;
}

bool shows_in_figures_of(const AuditEvent& event, const App& app) {
  constexpr std::string_view of_all[] = {"config apply", "carrier pause", "carrier drain", "carrier resume"};
  constexpr std::string_view of_app[] = {"template add", "template remove", "app set"};
  if (event.outcome != AuditOutcome::done) return false;
  if (std::ranges::find(of_all, event.command) != std::end(of_all)) return event.at >= app.created_at;
  return std::ranges::find(of_app, event.command) != std::end(of_app) && is_about(event, app);
}

std::string_view to_string(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::begun: return "begun";
    case AuditOutcome::done: return "done";
    case AuditOutcome::refused: return "refused";
  }
  return "";
}

std::string to_record(const AuditEvent& event) {
  std::string record;
  OctetWriter out(record);
  out.u8(audit_event_format.writes());
  out.signed_varint(unix_millis(event.at));
  out.varint(event.who.uid);
  for (const std::string* text : {&event.who.name, &event.who.sudo_user, &event.who.person, &event.who.from,
                                  &event.command, &event.arguments, &event.before, &event.after, &event.reason})
    out.text(cut(*text));
  out.u8(static_cast<std::uint8_t>(event.outcome));
  return record;
}

std::optional<AuditEvent> audit_event_from_record(std::string_view record) {
  OctetReader in(record);
  if (!audit_event_format.can_read(in.u8())) return std::nullopt;
  AuditEvent event;
  event.at = wall_time(in.signed_varint());
  event.who.uid = static_cast<std::uint32_t>(in.varint());
  for (std::string* text : {&event.who.name, &event.who.sudo_user, &event.who.person, &event.who.from, &event.command,
                            &event.arguments, &event.before, &event.after, &event.reason})
    *text = in.text();
  const std::uint8_t outcome = in.u8();
  if (in.failed() || !in.at_end() || outcome > static_cast<std::uint8_t>(AuditOutcome::refused)) return std::nullopt;
  event.outcome = static_cast<AuditOutcome>(outcome);
  return event;
}

}  // namespace xion
