#include <fmt/format.h>

#include "app/owners/dashboard_access.h"
#include "control/duration.h"
#include "control/verb.h"

namespace xion::control {
namespace {

constexpr std::size_t person_octets_max = 100;
constexpr Seconds invite_life_most{std::chrono::days{7}};
constexpr Seconds wall_life_most{std::chrono::days{366}};

/// The first address that a browser can open; one for every address is told as this machine's name would be: by the
/// loopback.
std::string usual_url(const Settings& settings) {
  if (!settings.dashboard_url.empty()) return settings.dashboard_url;
  const std::string_view scheme = settings.tls_certificate.empty() ? "http" : "https";
  for (const std::string& address : settings.api_listen) {
    if (address.starts_with("unix:")) continue;
    if (address.starts_with("*:")) return fmt::format("{}://localhost{}", scheme, address.substr(1));
    return fmt::format("{}://{}", scheme, address);
  }
  return fmt::format("{}://localhost", scheme);
}

void write_pass(JsonWriter& json, const DashboardPass& pass, const Services& services) {
  const auto app = services.directory.app(pass.app);
  json.begin_object().field("id", pass.id).field("kind", to_string(pass.kind));
  json.field("app", app ? app->app.name : std::string())
      .field("role", to_string(pass.role))
      .field("person", pass.person);
  json.field("address", pass.address)
      .field("createdAt", rfc3339(pass.created_at))
      .field("expiresAt", rfc3339(pass.expires_at))
      .end_object();
}

void refuse_unknown_app(const Command& command, std::string_view app) {
  command.refuse(fmt::format("there is no app {}", app), "`xionctl app list` shows them");
}

/// A time such as 3d, else a name.
void read_for(std::string_view text, InviteWish& wish) {
  if (const auto life = parse_duration(text))
    wish.life = *life;
  else
    wish.person = text;
}

AdminDone<NewPass> tell_link(Command command, std::string url) {
  return [command = std::move(command), url = std::move(url)](std::expected<NewPass, Refusal> made) {
    if (!made) return command.refuse(made.error());
    const auto app = command.services.directory.app(made->pass.app);
    JsonWriter json;
    // Behind the # nothing of it is sent to a server, logged, or fetched beforehand by a chat's preview.
    json.begin_object().field("link", fmt::format("{}/dashboard/sign-in#{}", url, made->secret.reveal()));
    json.field("id", made->pass.id)
        .field("app", app ? app->app.name : std::string())
        .field("role", to_string(made->pass.role));
    json.field("expiresAt", rfc3339(made->pass.expires_at)).end_object();
    command.done(std::move(json).str());
  };
}

void dashboard_invite(Command command) {
  const auto app_name = command.request.text("app");
  const bool is_operator = command.request.flag("operator");
  if (!command.services.settings->dashboard)
    return command.refuse("the dashboard is switched off", "set `enabled = true` in [dashboard]");
  if (is_operator == app_name.has_value())
    return command.misuse("dashboard invite needs --app or --operator", "such as --app shop");
  InviteWish wish{.app = 0, .role = DashboardRole::operator_, .person = {}};
  if (const auto given = command.request.text("for")) read_for(*given, wish);
  if (const auto name = command.request.text("name")) wish.person = *name;
  if (wish.person.size() > person_octets_max) return command.misuse("name: expected at most 100 octets");
  if (wish.life < Seconds{60} || wish.life > invite_life_most)
    return command.misuse("for: a link works a minute at least and seven days at most", "such as 3d");
  if (app_name) {
    const auto app = command.services.directory.app_named(*app_name);
    if (!app) return refuse_unknown_app(command, *app_name);
    const auto role = parse_dashboard_role(command.request.text("role").value_or("viewer"));
    if (!role || *role == DashboardRole::operator_)
      return command.misuse("role: expected viewer or owner", "operators are invited by --operator");
    wish.app = app->app.id;
    wish.role = *role;
  }
  std::string url(command.request.text("url").value_or(usual_url(*command.services.settings)));
  DashboardAccess& access = *command.services.dashboard;
  access.invite(std::move(wish), tell_link(std::move(command), std::move(url)));
}

/// A link for screens on walls, which see and do nothing else.
void dashboard_wall(Command command) {
  const auto app_name = command.request.text("app");
  if (!command.services.settings->dashboard)
    return command.refuse("the dashboard is switched off", "set `enabled = true` in [dashboard]");
  if (command.request.flag("all") == app_name.has_value())
    return command.misuse("dashboard wall needs --app or --all", "such as --app shop");
  InviteWish wish{.app = 0, .role = DashboardRole::viewer, .person = {}, .life = wall_life};
  if (const auto given = command.request.text("for")) {
    const auto life = parse_duration(*given);
    if (!life || *life < Seconds{60} || *life > wall_life_most)
      return command.misuse("for: a wall's link works a minute at least and a year at most", "such as 90d");
    wish.life = *life;
  }
  if (const auto name = command.request.text("name")) wish.person = *name;
  if (wish.person.size() > person_octets_max) return command.misuse("name: expected at most 100 octets");
  if (app_name) {
    const auto app = command.services.directory.app_named(*app_name);
    if (!app) return refuse_unknown_app(command, *app_name);
    wish.app = app->app.id;
  }
  std::string url(command.request.text("url").value_or(usual_url(*command.services.settings)));
  DashboardAccess& access = *command.services.dashboard;
  access.hang_wall(std::move(wish), tell_link(std::move(command), std::move(url)));
}

void dashboard_sessions(Command command) {
  const auto wanted = command.request.text("app");
  const auto app = wanted ? command.services.directory.app_named(*wanted) : nullptr;
  if (wanted && !app) return refuse_unknown_app(command, *wanted);
  JsonWriter json;
  json.begin_array();
  for (const DashboardPass& pass : command.services.dashboard->passes()) {
    if (!app || pass.app == app->app.id) write_pass(json, pass, command.services);
  }
  json.end_array();
  command.done(std::move(json).str());
}

void dashboard_revoke(Command command) {
  const auto id = command.request.text("id");
  const auto app_name = command.request.text("app");
  const bool all_operators = command.request.flag("operator");
  if (int{id.has_value()} + int{app_name.has_value()} + int{all_operators} != 1)
    return command.misuse("dashboard revoke needs an id, --app or --operator",
                          "`xionctl dashboard sessions` shows them");
  const auto app = app_name ? command.services.directory.app_named(*app_name) : nullptr;
  if (app_name && !app) return refuse_unknown_app(command, *app_name);
  const AppId app_id = app ? app->app.id : 0;
  const std::string wanted(id.value_or(""));
  const bool must_exist = id.has_value();
  DashboardAccess& access = *command.services.dashboard;
  access.revoke(
      [wanted, app_id](const DashboardPass& pass) { return wanted.empty() ? pass.app == app_id : pass.id == wanted; },
      [command = std::move(command), must_exist, wanted](std::optional<std::size_t> ended) {
        if (!ended) return command.refuse("the store could not keep it; nothing was changed", "see `xionctl status`");
        if (must_exist && *ended == 0)
          return command.refuse(fmt::format("there is no session, invitation, passkey or wall's link {}", wanted),
                                "`xionctl dashboard sessions` shows them");
        JsonWriter json;
        json.begin_object().field("revoked", static_cast<std::uint64_t>(*ended)).end_object();
        command.done(std::move(json).str());
      });
}

}  // namespace

Verbs dashboard_verbs() {
  static constexpr Verb verbs[] = {{"dashboard invite", dashboard_invite},
                                   {"dashboard wall", dashboard_wall},
                                   {"dashboard sessions", dashboard_sessions},
                                   {"dashboard revoke", dashboard_revoke}};
  static_assert(is_every_verb_of("dashboard", verbs));
  return verbs;
}

}  // namespace xion::control
