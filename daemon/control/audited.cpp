#include "control/audited.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "app/delivery/carriers.h"
#include "app/owners/audit_trail.h"
#include "app/owners/directory.h"
#include "app/owners/owned.h"
#include "base/log.h"
#include "control/carrier_view.h"
#include "core/owners/webhook.h"
#include "core/phone.h"

namespace xion::control {
namespace {

/// Arguments that are secrets, whoever is told of them.
constexpr std::string_view secret_arguments[] = {"key", "secret", "code", "password"};

/// As those may see it who look: neither a whole number nor what only a URL's receiver may know.
std::string masked(std::string_view text) {
  if (text.starts_with("http://") || text.starts_with("https://")) return masked_url(text);
  const bool is_number = text.starts_with('+') && text.size() > 6;
  if (!is_number) return std::string(text);
  const auto phone = parse_phone(text);
  return phone ? mask_phone(phone->e164, phone->country_code) : fmt::format("{}…", text.substr(0, 4));
}

std::string shown(const wire::Value& value) {
  if (const auto* text = value.text()) return masked(*text);
  if (const auto* truth = value.truth()) return *truth ? "yes" : "no";
  if (const auto* whole = value.whole()) return fmt::format("{}", *whole);
  std::string joined;
  if (const auto* array = value.array()) {
    for (const auto& each : *array) joined += (joined.empty() ? "" : ",") + shown(each);
  } else if (const auto* object = value.object()) {
    for (const auto& [name, each] : *object)
      joined += fmt::format("{}{}={}", joined.empty() ? "" : ",", name, shown(each));
  }
  return joined;
}

std::string app_state(const AppEntry& entry) {
  JsonWriter json;
  json.begin_object().field("plan", entry.app.plan).key("settings").begin_object();
  for (const auto& [key, value] : entry.app.overrides) json.field(key, key == "test_phones" ? "(not shown)" : value);
  json.end_object().end_object();
  return std::move(json).str();
}

std::string carrier_state(const CarrierView& view) {
  JsonWriter json;
  json.begin_object().field("state", view.state);
  if (view.hold) json.field("hold", describe(*view.hold));
  json.end_object();
  return std::move(json).str();
}

std::string key_state(const ApiKey& key) {
  JsonWriter json;
  json.begin_object().field("id", key.id).field("revoked", key.revoked_at.has_value());
  if (key.expires_at) json.field("expiresAt", rfc3339(*key.expires_at));
  json.end_object();
  return std::move(json).str();
}

/// An event under way.
struct Trail {
  AuditEvent event;
  RowId row{};
};

/// The name of the app that a command is about, `app …` aside, which name it themselves; empty: it is about none, or
/// about several. Once, now or later.
void find_app(const Command& command, std::function<void(const std::string&)> done) {
  Directory& directory = command.services.directory;
  const auto name_of = [&directory](std::optional<AppId> id) {
    const auto entry = id ? directory.app(*id) : nullptr;
    return entry ? entry->app.name : std::string();
  };
  if (const auto named = command.request.text("app"); named && directory.app_named(*named))
    return done(std::string(*named));
  if (command.request.command.starts_with("app ")) return done({});
  if (command.asker.owner_of) return done(name_of(command.asker.owner_of));
  const std::string id(command.request.text("id").value_or(""));
  const auto kind = kind_of_id(id);
  if (!kind) return done({});
  find_owner(command.services, *kind, id,
             [name_of, done = std::move(done)](std::optional<AppId> owner) { done(name_of(owner)); });
}

void end(const Command& command, Trail& trail, const wire::Answer& answer) {
  trail.event.outcome = answer.ok ? AuditOutcome::done : AuditOutcome::refused;
  trail.event.reason = answer.detail;
  if (answer.ok) trail.event.after = state_of(command);
  // What these change is what they answer.
  const bool tells_changes = command.request.command == "config apply" || command.request.command == "import";
  if (answer.ok && tells_changes) trail.event.after = answer.result;
  if (trail.event.before == trail.event.after) trail.event.before.clear();
  log::info("audit.event", "command=\"{}\" by=\"{}\" from=\"{}\" arguments=\"{}\" outcome={}", trail.event.command,
            describe(trail.event.who), trail.event.who.from, trail.event.arguments, to_string(trail.event.outcome));
  end_audit(command.services.store, trail.row, trail.event);
}

void run_between(const std::shared_ptr<Trail>& trail, Command command, void (*run)(Command)) {
  const AuditEvent begun = trail->event;
  begin_audit(command.services.store, begun, [trail, command = std::move(command), run](RowId row) mutable {
    trail->row = row;
    // The last answer ends it; a copy of the command knows what it was about.
    auto seen = std::make_shared<Command>(command);
    seen->answer = nullptr;
    command.answer = [trail, seen, answer = std::move(command.answer)](wire::Answer given) {
      end(*seen, *trail, given);
      answer(std::move(given));
    };
    run(std::move(command));
  });
}

}  // namespace

bool is_audited(const wire::CommandEntry& entry, const wire::Value& args) {
  if (entry.role == wire::Role::commander) return true;
  return std::ranges::any_of(entry.arguments, [&](const wire::Argument& argument) {
    const wire::Value* given = argument.is_privileged ? args.find(argument.wire_name()) : nullptr;
    return given != nullptr && (given->truth() == nullptr || *given->truth());
  });
}

std::string shown_arguments(const wire::CommandEntry& entry, const wire::Value& args, std::string_view app) {
  std::string text = app.empty() ? std::string() : fmt::format("app={}", app);
  for (const wire::Argument& argument : entry.arguments) {
    const wire::Value* given = args.find(argument.wire_name());
    if (given == nullptr || (argument.wire_name() == "app" && !app.empty())) continue;
    const bool is_secret = std::ranges::find(secret_arguments, argument.wire_name()) != std::end(secret_arguments);
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", argument.wire_name(),
                        is_secret ? "(not shown)" : shown(*given));
  }
  return text;
}

std::string state_of(const Command& command) {
  const std::string_view name = command.request.command;
  const auto named = [&](std::string_view argument) {
    return std::string(command.request.text(argument).value_or(""));
  };
  if (name.starts_with("app ")) {
    const auto entry = command.services.directory.app_named(named("name"));
    return entry ? app_state(*entry) : std::string();
  }
  if (name.starts_with("carrier ")) {
    for (const CarrierView& view : command.services.carriers->view()) {
      if (view.name == named("name")) return carrier_state(view);
    }
  }
  if (name.starts_with("key ")) {
    for (const ApiKey& key : command.services.directory.keys()) {
      if (key.id == named("id")) return key_state(key);
    }
  }
  if (name == "log level") return fmt::format("\"{}\"", log::to_string(log::level()));
  return {};
}

void run_audited(const wire::CommandEntry& entry, Command command, void (*run)(Command)) {
  const Command& asked = command;
  find_app(asked, [&entry, command, run](const std::string& app) mutable {
    auto trail = std::make_shared<Trail>();
    trail->event = {.at = command.services.loop.wall_now(),
                    .who = command.who,
                    .command = std::string(entry.name),
                    .arguments = shown_arguments(entry, command.request.args, app),
                    .before = state_of(command),
                    .after = {},
                    .reason = {}};
    run_between(trail, std::move(command), run);
  });
}

}  // namespace xion::control
