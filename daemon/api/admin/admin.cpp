// What a key with a scope `admin:*` does: a command of the catalogue, for its own app, and no more than the key has.
#include "api/admin/admin_routes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "api/admin/admin_rows.h"
#include "api/call/verbs.h"
#include "app/codes/kept_answer.h"

namespace xion::verbs {
namespace {

/// One call on its way to its command.
struct Managing {
  CallPtr call;
  const admin::Row& row;
  wire::Request request;
  KeyAsker asker;
  wire::Value args;  ///< Of the request, which goes.
};
using ManagingPtr = std::shared_ptr<Managing>;

const std::string* argument(const wire::Request& request, std::string_view name) {
  const wire::Value* value = request.args.find(name);
  return value == nullptr ? nullptr : value->text();
}

/// A scope among these that the asker may not give away.
std::optional<Problem> beyond(const KeyAsker& asker, Scopes scopes) {
  for (const std::string_view name : scope_names(scopes)) {
    const auto scope = parse_scope(name);
    if (!scope || asker.may_give(static_cast<Scopes>(*scope))) continue;
    Problem problem(ErrorCode::insufficient_scope,
                    *scope == Scope::pii_read
                        ? std::string("Keys that show whole numbers are the operator's to make")
                        : fmt::format("This key may give away what it has itself; it lacks the scope {}", name));
    problem.with("scope", name);
    return problem;
  }
  return std::nullopt;
}

/// The scopes of the key that a call makes anew.
std::optional<Problem> beyond_own(const Managing& managing) {
  if (managing.row.command == wire::CommandId("key create")) {
    Scopes wanted = 0;
    const auto named = managing.request.texts("scope");
    for (const std::string& name : named)
      if (const auto scope = parse_scope(name)) wanted |= static_cast<Scopes>(*scope);
    if (argument(managing.request, "hook") != nullptr)
      wanted = static_cast<Scopes>(Scope::otp_send);
    else if (managing.request.args.find("scope") == nullptr)
      wanted = default_scopes;
    return beyond(managing.asker, wanted);
  }
  if (managing.row.command != wire::CommandId("key rotate")) return std::nullopt;
  const auto keys = managing.call->services().directory.keys();
  const auto old = std::ranges::find(keys, managing.call->resource, &ApiKey::id);
  return old == keys.end() ? std::nullopt : beyond(managing.asker, old->scopes);
}

/// What a command refuses: what it takes away is not there, nothing can be stored now, or it can't be done as it is.
StoredAnswer refused(const Managing& managing, const wire::Answer& answer) {
  if (!managing.call->services().store.status().is_writable)
    return Problem(ErrorCode::store_unavailable, "Nothing can be stored now; try again").answer();
  const bool is_misuse = answer.code == wire::Refusal::usage;
  const bool is_gone = managing.row.route.method == HttpMethod::del && !is_misuse;
  const ErrorCode code = answer.is_forbidden ? ErrorCode::insufficient_scope
                         : is_gone           ? ErrorCode::not_found
                                             : ErrorCode::command_refused;
  const std::string detail = admin::in_terms_of_api(answer.detail, managing.row);
  Problem problem(code, detail.empty() ? std::string("This can't be done as things are") : detail);
  const auto field = code == ErrorCode::command_refused
                         ? admin::field_at_odds(managing.row, managing.args, answer.detail, answer.hint)
                         : std::string_view();
  if (!field.empty()) problem.with("field", field);
  if (answer.is_forbidden) problem.with("scope", to_string(managing.row.route.scope));
  if (const auto hint = admin::in_terms_of_api(answer.hint, managing.row); !hint.empty()) problem.with("hint", hint);
  return std::move(problem).answer();
}

StoredAnswer answer_of(const Managing& managing, const wire::Answer& answer) {
  if (!answer.ok) return refused(managing, answer);
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "ok").key("result");
  const auto app = managing.call->services().directory.app(managing.call->caller.app->app.id);
  if (managing.row.show != nullptr && app)
    managing.row.show(json, *app);
  else
    json.raw(answer.result);
  json.end_object();
  return success(200, std::move(json).str());
}

/// The answer is kept for the call's Idempotency-Key, where it has one.
void finish(const ManagingPtr& managing, StoredAnswer answer) {
  const auto use = managing->call->idempotency;
  if (!use) return managing->call->answer(std::move(answer));
  Services& services = managing->call->services();
  keep_answer(services, *use, std::move(answer), reply_to(std::move(managing->call)));
}

void run(const ManagingPtr& managing) {
  Call& call = *managing->call;
  Actor who{.uid = static_cast<std::uint32_t>(::geteuid()),
            .name = {},
            .sudo_user = {},
            .person = call.caller.key_id,
            .from = fmt::format("api {}", call.exchange->peer_address())};
  managing->args = managing->request.args;
  call.parts->run_command(std::move(managing->request), std::move(who), managing->asker,
                          [managing](const wire::Answer& answer) { finish(managing, answer_of(*managing, answer)); });
}

void run_if_own(const ManagingPtr& managing) {
  if (auto problem = managing->row.owned ? std::nullopt : beyond_own(*managing))
    return finish(managing, std::move(*problem).answer());
  if (!managing->row.owned) return run(managing);
  find_owner(managing->call->services(), *managing->row.owned, managing->call->resource,
             [managing](std::optional<AppId> owner) {
               const Call& call = *managing->call;
               if (owner != call.caller.app->app.id)
                 return finish(
                     managing,
                     Problem(ErrorCode::not_found, fmt::format("This app has no {}", call.resource)).answer());
               if (auto problem = beyond_own(*managing)) return finish(managing, std::move(*problem).answer());
               run(managing);
             });
}

/// What was answered before for the same Idempotency-Key is answered again.
void run_once(const ManagingPtr& managing) {
  const auto use = managing->call->idempotency;
  if (!use) return run_if_own(managing);
  find_answer(managing->call->services(), *use, [managing](Reply&& reply) {
    if (reply.kind == ReplyKind::answer) return run_if_own(managing);
    reply_to(std::move(managing->call))(std::move(reply));
  });
}

KeyAsker asker_of(const Call& call) {
  KeyAsker asker{.owner_of = call.caller.app->app.id, .key = {}};
  for (const ApiKey& key : call.services().directory.keys()) {
    if (key.id == call.caller.key_id) asker.key = key;
  }
  return asker;
}

}  // namespace

void admin(CallPtr call) {
  const admin::Row& row = admin::row_of(*call);
  auto managing =
      std::make_shared<Managing>(Managing{.call = std::move(call), .row = row, .request = {}, .asker = {}, .args = {}});
  Call& asked = *managing->call;
  wire::Value::Object args;
  if (!asked.parts->run_command) return asked.refuse(ErrorCode::not_found, "Nothing is managed by HTTP here");
  if (auto problem = admin::read_arguments(asked, row, args)) return asked.refuse(std::move(*problem));
  if (row.takes_app != admin::TakesApp::no)
    args.emplace_back(row.takes_app == admin::TakesApp::as_app ? "app" : "name",
                      wire::Value{asked.caller.app->app.name});
  if (!row.id_is.empty()) args.emplace_back(std::string(row.id_is), wire::Value{asked.resource});
  managing->request = {.command = std::string(row.command->name), .args = wire::Value{std::move(args)}};
  managing->asker = asker_of(asked);
  run_once(managing);
}

}  // namespace xion::verbs
