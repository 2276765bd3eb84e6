#include "dashboard/management.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "app/codes/read_otp.h"
#include "app/owners/dashboard_access.h"
#include "app/owners/owned.h"
#include "base/log.h"
#include "dashboard/answers.h"
#include "wire/catalogue.h"

namespace xion::dashboard {
namespace {

/// What `{id}` of a path names; but for a carrier it must be the app's own.
enum class Owned : std::uint8_t {
  nothing,
  key,
  webhook,
  delivery,
  request,
  session,
  phone_of_request,  ///< The command is about the number, which the page doesn't know.
  carrier,
};

struct ActionRow {
  HttpMethod method;
  std::string_view pattern;  ///< Behind /dashboard/api/.
  DashboardRole least;
  wire::CommandId command;  ///< Of the control socket.
  bool takes_app = false;   ///< The command has an argument `app`: the session's.
  Owned id = Owned::nothing;
};

constexpr wire::JsonLimits body_limits{.depth = 8, .values = 1'024};

using enum DashboardRole;
constexpr ActionRow table[] = {
    {HttpMethod::get, "keys", owner, "key list", true},
    {HttpMethod::post, "keys", owner, "key create", true},
    {HttpMethod::post, "keys/{id}/rotate", owner, "key rotate", false, Owned::key},
    {HttpMethod::post, "keys/{id}/revoke", owner, "key revoke", false, Owned::key},
    {HttpMethod::get, "templates", owner, "template list", true},
    {HttpMethod::post, "templates", owner, "template add", true},
    {HttpMethod::post, "templates/lint", owner, "template lint", true},
    {HttpMethod::post, "templates/preview", owner, "template preview", true},
    {HttpMethod::post, "templates/remove", owner, "template remove", true},
    {HttpMethod::get, "webhooks", owner, "webhook list", true},
    {HttpMethod::post, "webhooks", owner, "webhook add", true},
    {HttpMethod::post, "webhooks/{id}/test", owner, "webhook test", false, Owned::webhook},
    {HttpMethod::post, "webhooks/{id}/rotate", owner, "webhook rotate", false, Owned::webhook},
    {HttpMethod::post, "webhooks/{id}/enable", owner, "webhook enable", false, Owned::webhook},
    {HttpMethod::post, "webhooks/{id}/remove", owner, "webhook remove", false, Owned::webhook},
    {HttpMethod::get, "webhooks/{id}/deliveries", owner, "webhook deliveries", false, Owned::webhook},
    {HttpMethod::post, "webhooks/{id}/deliveries", owner, "webhook deliveries", false, Owned::webhook},
    {HttpMethod::post, "deliveries/{id}/replay", owner, "webhook replay", false, Owned::delivery},
    {HttpMethod::post, "sessions/invite", owner, "dashboard invite", true},
    {HttpMethod::post, "sessions/wall", owner, "dashboard wall", true},
    {HttpMethod::post, "sessions/{id}/revoke", owner, "dashboard revoke", false, Owned::session},
    {HttpMethod::post, "otp/{id}/resend", owner, "otp resend", false, Owned::request},
    {HttpMethod::post, "otp/{id}/cancel", owner, "otp cancel", false, Owned::request},
    {HttpMethod::get, "otp/{id}/limits", viewer, "limit show", true, Owned::phone_of_request},
    {HttpMethod::post, "otp/{id}/limits/reset", owner, "limit reset", true, Owned::phone_of_request},
    {HttpMethod::post, "otp/{id}/block", owner, "block add", true, Owned::phone_of_request},
    {HttpMethod::post, "otp/{id}/unblock", owner, "block remove", true, Owned::phone_of_request},
    {HttpMethod::get, "audit", owner, "audit", true},
    {HttpMethod::post, "audit", owner, "audit", true},
    {HttpMethod::post, "changes", viewer, "audit changes", true},
    {HttpMethod::get, "operator/status", operator_, "status"},
    {HttpMethod::get, "operator/apps", operator_, "app list"},
    {HttpMethod::get, "operator/usage", operator_, "usage"},
    {HttpMethod::get, "operator/routes", operator_, "route list"},
    {HttpMethod::get, "operator/queue", operator_, "queue show"},
    {HttpMethod::get, "operator/audit", operator_, "audit"},
    {HttpMethod::post, "operator/stats", operator_, "stats"},
    {HttpMethod::post, "operator/audit", operator_, "audit"},
    {HttpMethod::post, "operator/carriers/{id}/pause", operator_, "carrier pause", false, Owned::carrier},
    {HttpMethod::post, "operator/carriers/{id}/drain", operator_, "carrier drain", false, Owned::carrier},
    {HttpMethod::post, "operator/carriers/{id}/resume", operator_, "carrier resume", false, Owned::carrier},
    {HttpMethod::post, "operator/carriers/{id}/reconnect", operator_, "carrier reconnect", false, Owned::carrier},
};

/// `{id}` stands for one part of the path.
bool matches(std::string_view pattern, std::string_view path, std::string& id) {
  const auto mark = pattern.find("{id}");
  if (mark == std::string_view::npos) return pattern == path;
  const auto head = pattern.substr(0, mark), tail = pattern.substr(mark + 4);
  if (!path.starts_with(head) || !path.ends_with(tail) || path.size() <= head.size() + tail.size()) return false;
  id = path.substr(head.size(), path.size() - head.size() - tail.size());
  return !id.contains('/');
}

/// One call, on its way to its command.
struct Management {
  Services& services;
  Control& control;
  DashboardPass pass;
  std::shared_ptr<HttpExchange> exchange;
  const ActionRow* row = nullptr;
  std::string id;
  AppId app = 0;
  wire::Request request;

  /// An argument of the command, whatever the body says of it.
  void set(std::string_view argument, std::string value) {
    auto& members = std::get<wire::Value::Object>(request.args.data);
    std::erase_if(members, [&](const auto& member) { return member.first == argument; });
    members.emplace_back(std::string(argument), wire::Value{std::move(value)});
  }
  void refuse(int status, std::string_view code, std::string_view detail, std::string_view hint = {}) const {
    exchange->reply(problem(status, code, detail, hint));
  }
};
using ManagementPtr = std::shared_ptr<Management>;

void reply_with(HttpExchange& exchange, const wire::Answer& answer) {
  if (answer.ok)
    return exchange.reply(json_answer(200, fmt::format(R"({{"ok":true,"status":"ok","result":{}}})", answer.result)));
  if (answer.is_forbidden) return exchange.reply(problem(403, "insufficient_role", answer.detail, answer.hint));
  const bool is_misuse = answer.code == wire::Refusal::usage;
  exchange.reply(problem(is_misuse ? 400 : 422, is_misuse ? "invalid_field" : "refused", answer.detail, answer.hint));
}

void run(const ManagementPtr& call) {
  if (call->row->command->role == wire::Role::commander) {
    log::info("dashboard.command", "command=\"{}\" session={} app={}", call->row->command->name, call->pass.id,
              call->app);
  }
  const DashboardPass& pass = call->pass;
  Actor who{.uid = static_cast<std::uint32_t>(::geteuid()),
            .name = {},
            .sudo_user = {},
            .person = pass.person.empty() ? pass.id : pass.person,
            .from = pass.address.empty() ? "dashboard" : fmt::format("dashboard {}", pass.address)};
  const KeyAsker asker{.owner_of = call->pass.role == operator_ ? std::nullopt : std::optional(call->pass.app),
                       .key = {}};
  call->control.run(std::move(call->request), std::move(who), asker,
                    [call](const wire::Answer& answer) { reply_with(*call->exchange, answer); });
}

void refuse_foreign(const ManagementPtr& call) {
  call->refuse(404, "not_found", fmt::format("This app has no {}", call->id));
}

void run_if_owner(const ManagementPtr& call, OwnedKind kind) {
  find_owner(call->services, kind, call->id, [call](std::optional<AppId> owner) {
    if (owner != call->app) return refuse_foreign(call);
    run(call);
  });
}

void run_if_own_request(const ManagementPtr& call) {
  const auto id = parse_otp_id(call->id);
  if (!id) return refuse_foreign(call);
  read_otp(call->services, World{.app = call->app, .is_test = false}, *id,
           [call](const std::optional<OtpView>& view, bool is_read) {
             if (!is_read) return call->refuse(503, "store_unavailable", "The store can't be read; try again");
             if (!view) return refuse_foreign(call);
             if (call->row->id == Owned::phone_of_request) call->set("subject", std::string(view->phone.reveal()));
             run(call);
           });
}

void run_if_own_session(const ManagementPtr& call) {
  const bool is_own = std::ranges::any_of(call->services.dashboard->passes(), [&](const DashboardPass& pass) {
    return pass.id == call->id && pass.app == call->app;
  });
  if (!is_own) return refuse_foreign(call);
  run(call);
}

void run_if_own(const ManagementPtr& call) {
  switch (call->row->id) {
    case Owned::nothing:
    case Owned::carrier: return run(call);
    case Owned::request:
    case Owned::phone_of_request: return run_if_own_request(call);
    case Owned::session: return run_if_own_session(call);
    case Owned::webhook: return run_if_owner(call, OwnedKind::webhook);
    case Owned::delivery: return run_if_owner(call, OwnedKind::delivery);
    case Owned::key: return run_if_owner(call, OwnedKind::key);
  }
}

constexpr std::string_view never_asked[] = {"app", "id", "reveal", "operator", "all"};

/// The command's arguments: the body's members, the path's id, and the session's app, whatever the body says of them.
bool read_arguments(Management& call, std::string_view app_name) {
  auto body = call.exchange->body().empty() ? std::optional<wire::Value>(wire::Value::Object{})
                                            : wire::parse_json(call.exchange->body(), body_limits);
  if (!body || body->object() == nullptr) {
    call.refuse(400, "malformed_json", "Expected a JSON object");
    return false;
  }
  auto members = std::get<wire::Value::Object>(std::move(body->data));
  // Whole numbers are shown to nobody here, and nobody is made more than who asks.
  std::erase_if(members, [&](const auto& member) {
    return std::ranges::find(never_asked, member.first) != std::end(never_asked);
  });
  call.request = {.command = std::string(call.row->command->name), .args = wire::Value{std::move(members)}};
  if (call.row->takes_app) call.set("app", std::string(app_name));
  if (call.row->id == Owned::carrier)
    call.set("name", call.id);
  else if (call.row->id != Owned::nothing && call.row->id != Owned::phone_of_request)
    call.set("id", call.id);
  return true;
}

}  // namespace

void manage(Services& services, Control& control, const DashboardPass& pass, std::shared_ptr<HttpExchange> exchange,
            std::string_view name) {
  const HttpMethod method = exchange->method() == HttpMethod::head ? HttpMethod::get : exchange->method();
  const auto call = std::make_shared<Management>(services, control, pass, exchange);
  for (const ActionRow& row : table) {
    if (row.method == method && matches(row.pattern, name, call->id)) {
      call->row = &row;
      break;
    }
  }
  if (call->row == nullptr) return call->refuse(404, "not_found", "The dashboard has no such call");
  if (pass.role < call->row->least) {
    return call->refuse(
        403, "insufficient_role",
        fmt::format("This needs the role {}; yours is {}", to_string(call->row->least), to_string(pass.role)),
        "`xionctl dashboard invite --role` gives one");
  }
  std::shared_ptr<AppEntry> app;
  if (call->row->takes_app || (call->row->id != Owned::nothing && call->row->id != Owned::carrier)) {
    app = pass.app != 0 ? services.directory.app(pass.app)
                        : services.directory.app_named(exchange->header("X-XionID-App").value_or(""));
    if (!app) return call->refuse(404, "not_found", "Expected the header `X-XionID-App` with the name of an app");
    call->app = app->app.id;
  }
  if (!read_arguments(*call, app ? app->app.name : std::string())) return;
  run_if_own(call);
}

}  // namespace xion::dashboard
