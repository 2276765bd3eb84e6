#include "api/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "api/admin/admin_routes.h"
#include "api/call/call.h"
#include "api/call/path.h"
#include "api/call/query.h"
#include "api/call/request_headers.h"
#include "api/call/verbs.h"
#include "api/hooks/adapter.h"
#include "app/owners/dashboard_access.h"
#include "base/trim.h"
#include "gzip/gzip.h"
#include "smpp/ascii.h"

namespace xion {
namespace {

struct Route {
  HttpMethod method;
  std::string_view pattern;
  std::optional<Scope> scope;  ///< Nothing: needs no key.
  void (*run)(CallPtr);
};

/// Of auth servers, some of which sign what they ask for.
constexpr std::string_view hooks_pattern = "/v1/hooks/{id}";

/// The first pattern that fits a path is the one: fixed names stand before `{id}`.
constexpr Route customer_routes[] = {
    {HttpMethod::post, "/v1/otp/send", Scope::otp_send, verbs::send},
    {HttpMethod::post, "/v1/otp/verify", Scope::otp_verify, verbs::verify},
    {HttpMethod::get, "/v1/otp", Scope::otp_read, verbs::list},
    {HttpMethod::get, "/v1/otp/{id}", Scope::otp_read, verbs::read},
    {HttpMethod::post, "/v1/otp/{id}/cancel", Scope::otp_send, verbs::cancel},
    {HttpMethod::post, "/v1/otp/{id}/outcome", Scope::otp_verify, verbs::outcome},
    {HttpMethod::post, "/v1/notice", Scope::otp_send, verbs::notice},
    {HttpMethod::post, hooks_pattern, Scope::otp_send, verbs::hook},
    {HttpMethod::get, "/v1/lookup/{id}", Scope::otp_send, verbs::lookup},
    {HttpMethod::del, "/v1/phones/{id}", Scope::pii_read, verbs::erase},
    {HttpMethod::post, "/one-time-password-sms/v1/send-code", Scope::otp_send, verbs::send_code},
    {HttpMethod::post, "/one-time-password-sms/v1/validate-code", Scope::otp_verify, verbs::validate_code},
    {HttpMethod::get, "/v1/exports/otp.csv", Scope::otp_read, verbs::export_csv},
    {HttpMethod::get, "/v1/exports/otp.ndjson", Scope::otp_read, verbs::export_ndjson},
    {HttpMethod::get, "/v1/exports/usage.csv", Scope::stats_read, verbs::export_usage_csv},
    {HttpMethod::get, "/v1/alerts", Scope::stats_read, verbs::alerts},
    {HttpMethod::get, "/v1/usage", Scope::stats_read, verbs::usage},
    {HttpMethod::get, "/v1/usage/daily", Scope::stats_read, verbs::usage_daily},
    {HttpMethod::get, "/v1/stats", Scope::stats_read, verbs::stats},
    {HttpMethod::get, "/v1/stats/daily", Scope::stats_read, verbs::stats_daily},
    {HttpMethod::get, "/v1/stats/hourly", Scope::stats_read, verbs::stats_hourly},
    {HttpMethod::get, "/v1/stats/countries", Scope::stats_read, verbs::stats_countries},
    {HttpMethod::get, "/v1/stats/routes", Scope::stats_read, verbs::stats_routes},
    {HttpMethod::get, "/v1/stats/carriers", Scope::stats_read, verbs::stats_carriers},
    {HttpMethod::get, "/v1/stats/carriers/countries", Scope::stats_read, verbs::stats_carrier_countries},
    {HttpMethod::get, "/v1/stats/errors", Scope::stats_read, verbs::stats_errors},
    {HttpMethod::get, "/v1/errors", std::nullopt, verbs::errors},
    {HttpMethod::get, "/openapi.json", std::nullopt, verbs::openapi_as_json},
    {HttpMethod::get, "/openapi.yaml", std::nullopt, verbs::openapi_as_yaml},
    {HttpMethod::get, "/healthz", std::nullopt, verbs::health},
    {HttpMethod::get, "/readyz", std::nullopt, verbs::readiness},
};
/// Those of the customers, and of keys that manage.
const std::vector<Route>& api_routes() {
  static const std::vector<Route> all = [] {
    std::vector<Route> routes(std::begin(customer_routes), std::end(customer_routes));
    for (const AdminRoute& each : admin_routes())
      routes.push_back({each.method, each.pattern, each.scope, verbs::admin});
    return routes;
  }();
  return all;
}
constexpr Route operator_routes[] = {
    {HttpMethod::get, "/healthz", std::nullopt, verbs::health},
    {HttpMethod::get, "/readyz", std::nullopt, verbs::readiness},
};

std::string_view name_of(HttpMethod method) {
  return method == HttpMethod::get ? "GET, HEAD" : method == HttpMethod::del ? "DELETE" : "POST";
}

/// HEAD is GET without its body, which the adapter leaves out.
bool takes(const Route& route, HttpMethod method) {
  return route.method == method || (route.method == HttpMethod::get && method == HttpMethod::head);
}

/// The route of a call; where there is none, the call is refused and over. A path may have one for each method.
const Route* find_route(CallPtr& call, std::span<const Route> routes, std::string_view path) {
  const auto fits = [&](const Route& route) { return path_matches(route.pattern, path, call->resource); };
  const auto first = std::ranges::find_if(routes, fits);
  if (first == routes.end()) {
    call->refuse(ErrorCode::not_found, "No call of this API has this path");
    return nullptr;
  }
  call->pattern = first->pattern;
  std::string methods;
  for (const Route& route : routes) {
    if (route.pattern != first->pattern) continue;
    if (takes(route, call->exchange->method())) return &route;
    methods += fmt::format("{}{}", methods.empty() ? "" : ", ", name_of(route.method));
  }
  Problem problem(ErrorCode::method_not_allowed, fmt::format("{} takes {}", first->pattern, methods));
  problem.header("Allow", methods);
  call->refuse(std::move(problem));
  return nullptr;
}

bool is_coding(std::string_view coding, std::string_view name) {
  return std::ranges::equal(trimmed(coding), name, {}, smpp::ascii::lower);
}

struct AuthRefusal {
  ErrorCode code;
  std::string_view detail;
};
AuthRefusal refusal_of(AuthError error) {
  switch (error) {
    case AuthError::missing_api_key:
      return {ErrorCode::missing_api_key, "Expected the header `Authorization: Bearer <API key>`"};
    case AuthError::invalid_api_key:
      return {ErrorCode::invalid_api_key, "No such key; keys begin with xk_live_ or xk_test_"};
    case AuthError::expired_api_key:
      return {ErrorCode::expired_api_key, "This key's time is over; ask the operator for a new one"};
    case AuthError::revoked_api_key:
      return {ErrorCode::revoked_api_key, "This key was revoked; ask the operator for a new one"};
    case AuthError::client_not_allowed:
      return {ErrorCode::client_not_allowed, "Your address is not in a network of this key"};
    case AuthError::wrong_signature:
      return {ErrorCode::invalid_api_key, "The signature is not one of this call under the secret of the key"};
  }
  return {ErrorCode::invalid_api_key, ""};
}

/// There is a header, and no key in it.
constexpr AuthRefusal not_a_bearer{ErrorCode::invalid_api_key,
                                   "The Authorization header is not of the form `Bearer <API key>`"};

/// One request of the app's rate, or of its test keys'.
bool take_token(Call& call) {
  TokenBucket& bucket = call.caller.requests();
  const MonoTime now = call.services().loop.now();
  if (!call.caller.is_test) call.caller.app->demand.note(now);
  if (bucket.take(now)) return true;
  const auto wait = std::max(Seconds{1}, std::chrono::ceil<Seconds>(bucket.wait(now)));
  const auto window =
      bucket.rate() > 0 ? Seconds{static_cast<std::int64_t>(bucket.burst() / bucket.rate())} : Seconds{0};
  // Of the plan's rate this node may let through a part.
  const double rate = call.caller.is_test ? bucket.rate() : call.caller.app->policy.plan.requests_per_second;
  Problem problem(ErrorCode::rate_limited,
                  fmt::format("{} {} request{} a second", call.caller.is_test ? "Test keys have" : "The plan allows",
                              rate, rate == 1 ? "" : "s"));
  tell_violations(problem, {{"requests", static_cast<std::uint32_t>(bucket.burst()), window, wait}}, wait);
  call.refuse(std::move(problem));
  return false;
}

/// A session of the dashboard reads what its app's keys may read, phones masked; it changes nothing here. An operator
/// says by a header which app is meant, and anybody whether requests of test keys are.
bool admit_session(Call& call, const DashboardSession& session, Scope scope) {
  const DashboardPass& pass = session.pass;
  const Directory& directory = call.services().directory;
  call.caller.app =
      pass.app != 0 ? directory.app(pass.app) : directory.app_named(call.exchange->header("X-XionID-App").value_or(""));
  if (!call.caller.app) {
    call.refuse(ErrorCode::not_found, "Expected the header `X-XionID-App` with the name of an app");
    return false;
  }
  call.caller.key_id = pass.id;
  call.caller.scopes = static_cast<Scopes>(Scope::otp_read) | static_cast<Scopes>(Scope::stats_read);
  call.caller.is_test = call.exchange->header("X-XionID-Test").value_or("") == "true";
  call.caller.is_session = true;
  if (call.caller.may(scope)) return true;
  call.refuse(ErrorCode::insufficient_scope, "The dashboard reads; codes are sent and verified with an API key");
  return false;
}

/// Of a session's own rate, so that nobody who looks takes anything from those who send.
bool take_session_token(Call& call, DashboardSession& session) {
  const MonoTime now = call.services().loop.now();
  if (session.requests.take(now)) return true;
  const auto wait = std::max(Seconds{1}, std::chrono::ceil<Seconds>(session.requests.wait(now)));
  Problem problem(ErrorCode::rate_limited, "The dashboard asks too often");
  problem.retry_after(wait);
  call.refuse(std::move(problem));
  return false;
}

/// A refused key leaves a trace; that there is none at all is counted alone.
void trace(Call& call, ErrorCode code, std::string_view key_id) {
  const std::string_view reason = catalogue_entry(code).name;
  ++call.services().measures.refused_keys[reason];
  if (code == ErrorCode::missing_api_key) return;
  call.parts->refused_keys.note({.reason = reason, .key_id = key_id, .address = call.exchange->peer_address()},
                                call.services().loop.now());
}

bool refuse_caller(Call& call, AuthRefusal refusal, std::string_view key_id) {
  trace(call, refusal.code, key_id);
  Problem problem(refusal.code, refusal.detail);
  if (catalogue_entry(refusal.code).http_status == 401) problem.header("WWW-Authenticate", "Bearer");
  call.refuse(std::move(problem));
  return false;
}

/// An auth server that signs names its key in the query, and shows by the signature that it has the secret.
bool admit_signed(Call& call, const Adapter& adapter) {
  const WallTime now = call.services().loop.wall_now();
  std::string key_id;
  if (const auto parameters = parse_query(call.exchange->query()); parameters) {
    for (const auto& [name, value] : *parameters)
      if (name == "key") key_id = value;
  }
  if (key_id.empty())
    return refuse_caller(call, {ErrorCode::missing_api_key, "Expected `?key=` and the id of a key made with --hook"},
                         {});
  const auto signed_call = adapter.read_signature(*call.exchange, call.parts->json, now);
  if (!signed_call) return refuse_caller(call, {ErrorCode::invalid_api_key, signed_call.error()}, {});
  auto caller = call.services().directory.authenticate_signed(adapter.name, key_id, signed_call->claimed,
                                                              call.exchange->peer_address(), now);
  if (!caller && caller.error().error == AuthError::invalid_api_key)
    return refuse_caller(call, {ErrorCode::invalid_api_key, "`?key=` names no key that was made for this hook"},
                         caller.error().key_id);
  if (!caller) return refuse_caller(call, refusal_of(caller.error().error), caller.error().key_id);
  call.caller = std::move(*caller);
  call.signed_id = signed_call->id;
  call.exchange->caller_is_known();
  return take_token(call);
}

bool admit_key(Call& call, Scope scope);

/// Who asks, and whether they may, now.
bool admit(Call& call, Scope scope) {
  if (call.pattern != hooks_pattern) return admit_key(call, scope);
  const Adapter* adapter = adapter_named(call.resource);
  const bool signs = adapter != nullptr && adapter->read_signature != nullptr;
  return signs ? admit_signed(call, *adapter) : admit_key(call, scope);
}

bool admit_key(Call& call, Scope scope) {
  if (call.services().dashboard != nullptr && !call.exchange->header("Authorization")) {
    if (const auto session = call.services().dashboard->session(*call.exchange, *call.services().settings)) {
      call.exchange->caller_is_known();
      call.services().dashboard->note_use(session, *call.exchange);
      return take_session_token(call, *session) && admit_session(call, *session, scope);
    }
  }
  const auto authorization = call.exchange->header("Authorization");
  auto caller = call.services().directory.authenticate(authorization.value_or(""), call.exchange->peer_address(),
                                                       call.services().loop.wall_now());
  if (!caller) {
    const AuthError error = caller.error().error;
    return refuse_caller(call, authorization && error == AuthError::missing_api_key ? not_a_bearer : refusal_of(error),
                         caller.error().key_id);
  }
  call.caller = std::move(*caller);
  call.exchange->caller_is_known();
  if (!take_token(call)) return false;
  if (call.caller.may(scope)) return true;
  trace(call, ErrorCode::insufficient_scope, call.caller.key_id);
  Problem problem(ErrorCode::insufficient_scope,
                  fmt::format("This call needs a key with the scope {}", to_string(scope)));
  problem.with("scope", to_string(scope));
  call.refuse(std::move(problem));
  return false;
}

/// Unpacks a body that came as gzip, no further than any body may go.
bool unpack_body(Call& call) {
  const auto coding = call.exchange->header("Content-Encoding");
  if (!coding || coding->empty() || is_coding(*coding, "identity")) return true;
  if (!is_coding(*coding, "gzip")) {
    Problem problem(ErrorCode::unsupported_media_type, "A body may have `Content-Encoding: gzip`, and no other");
    problem.header("Accept-Encoding", "gzip");
    call.refuse(std::move(problem));
    return false;
  }
  auto text = gunzip(call.exchange->body(), JsonReader::max_octets);
  if (text) {
    call.unpacked = std::move(*text);
    call.unpacked->reserve(call.unpacked->size() + JsonReader::padding_octets);
    return true;
  }
  if (text.error() == GunzipError::too_large)
    call.refuse(ErrorCode::body_too_large, fmt::format("The body may have {} octets at most", JsonReader::max_octets));
  else
    call.refuse(ErrorCode::malformed_request, "The body is not gzip, which its Content-Encoding says it is");
  return false;
}

/// A missing type is taken for application/json: there is no other that it could be.
bool has_json_body(Call& call) {
  const auto type = call.exchange->header("Content-Type");
  if (!type || call.body().empty() || is_json_type(*type)) return true;
  call.refuse(ErrorCode::unsupported_media_type, "Expected `Content-Type: application/json`");
  return false;
}

/// Takes note of an Idempotency-Key, unless a request with it is running: then there is no answer yet that could be
/// replayed.
bool claim_key(Call& call, std::string_view path) {
  const auto own = call.exchange->header("Idempotency-Key");
  const auto key = call.signed_id.empty() ? own : std::optional<std::string_view>(call.signed_id);
  if (!key) return true;
  if (call.signed_id.empty() && !is_idempotency_key(*key)) {
    call.refuse(invalid_field("Idempotency-Key", "1 to 255 visible ASCII characters"));
    return false;
  }
  Vault& vault = call.services().loop_vault;
  const IdempotencyUse use{vault.body_hash(fmt::format("{}\n{}\n{}", call.caller.key_id, path, *key)),
                           vault.body_hash(call.body())};
  if (!call.parts->running.insert(use.key).second) {
    Problem problem(ErrorCode::idempotency_in_progress,
                    "The first request with this Idempotency-Key has no answer yet");
    problem.retry_after(Seconds{1});
    call.refuse(std::move(problem));
    return false;
  }
  call.idempotency = use;
  return true;
}

void route(const std::shared_ptr<ApiParts>& parts, std::span<const Route> routes,
           std::unique_ptr<HttpExchange> exchange) {
  auto call = std::make_unique<Call>(parts, std::move(exchange));
  const auto path = plain_path(call->exchange->path());
  const Route* found = find_route(call, routes, path.value_or(std::string()));
  if (found == nullptr) return;
  if (found->scope && !admit(*call, *found->scope)) return;
  if (found->method == HttpMethod::post && (!unpack_body(*call) || !has_json_body(*call) || !claim_key(*call, *path)))
    return;
  // What looks after the daemon is asked all day, and of no use in a trace.
  if (found->scope) call->span = tracing::begin_call(call->exchange->header("traceparent").value_or(""));
  const tracing::Scope scope(call->span);
  found->run(std::move(call));
}

}  // namespace

std::vector<ApiCall> api_calls() {
  std::vector<ApiCall> calls;
  for (const Route& route : api_routes()) calls.push_back({route.method, route.pattern, route.scope});
  return calls;
}

Api::Api(Services& services, RunCommand run_command)
    : parts_(std::make_shared<ApiParts>(services, std::move(run_command))) {}
Api::~Api() = default;

void Api::handle(std::unique_ptr<HttpExchange> exchange) { route(parts_, api_routes(), std::move(exchange)); }
void Api::handle_operator(std::unique_ptr<HttpExchange> exchange) {
  route(parts_, operator_routes, std::move(exchange));
}

}  // namespace xion
