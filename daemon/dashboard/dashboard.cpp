#include "dashboard/dashboard.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/owners/dashboard_access.h"
#include "app/owners/directory.h"
#include "base/log.h"
#include "core/accepts_gzip.h"
#include "dashboard/answers.h"
#include "dashboard/assets.h"
#include "dashboard/cookies.h"
#include "dashboard/management.h"
#include "wire/value.h"

namespace xion {
namespace {

using namespace dashboard;

constexpr std::string_view root = "/dashboard/";
constexpr std::string_view calls = "/dashboard/api/";
constexpr std::string_view provider_paths = "/dashboard/oidc/";
constexpr std::size_t sign_in_octets_max = 1'024;
constexpr wire::JsonLimits sign_in_limits{.depth = 8, .values = 64};

const Asset* find_asset(std::string_view path) {
  const auto all = assets();
  const auto found = std::ranges::find(all, path, &Asset::path);
  return found == all.end() ? nullptr : &*found;
}

void reply_with(HttpExchange& exchange, const Asset& asset, bool is_page) {
  HttpAnswer answer{.status = 200, .content_type = std::string(asset.content_type), .headers = {}, .body = {}};
  answer.headers.emplace_back("ETag", asset.etag);
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  // The page's folder of files changes its name with any of them; the page itself is asked for again.
  answer.headers.emplace_back("Cache-Control", is_page ? "no-cache" : "public, max-age=31536000, immutable");
  // The policy is for what can be opened as a page, a picture too; with each script it would be octets for nothing.
  if (!asset.content_type.starts_with("text/javascript") && !asset.content_type.starts_with("text/css"))
    add_guards(answer);
  if (exchange.header("If-None-Match").value_or("") == asset.etag) {
    answer.status = 304;
  } else if (accepts_gzip(exchange.header("Accept-Encoding").value_or(""))) {
    answer.headers.emplace_back("Content-Encoding", "gzip");
    answer.body = asset.gzip;
  } else {
    answer.body = asset.plain;
  }
  exchange.reply(std::move(answer));
}

bool is_read(HttpMethod method) { return method == HttpMethod::get || method == HttpMethod::head; }

Seconds whole_seconds(Millis time) { return std::chrono::ceil<Seconds>(time); }

HttpAnswer too_many_tries() {
  HttpAnswer refusal = problem(429, "rate_limited", "Too many tries from your address; wait a little");
  refusal.headers.emplace_back("Retry-After", "6");
  return refusal;
}

std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto one = query.substr(0, end);
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=')
      return std::string(one.substr(name.size() + 1));
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace

Dashboard::Dashboard(Services& services, Control& control, std::string version, const SignInPorts& ports)
    : services_(services),
      control_(control),
      version_(std::move(version)),
      live_(services),
      oidc_(services, ports),
      passkeys_(services, ports.signatures) {}

void Dashboard::handle(std::unique_ptr<HttpExchange> exchange) {
  if (!services_.settings->dashboard)
    return exchange->reply(problem(404, "not_found", "The dashboard is switched off", "[dashboard] enabled"));
  if (exchange->path().starts_with(calls)) return serve_call(std::move(exchange));
  if (exchange->path().starts_with(provider_paths)) return oidc_.handle(std::move(exchange));
  serve_page(std::move(exchange));
}

void Dashboard::serve_page(std::unique_ptr<HttpExchange> exchange) {
  if (!is_read(exchange->method())) {
    return exchange->reply(wrong_method("GET, HEAD", "Pages are read"));
  }
  if (exchange->path() == "/dashboard") {
    HttpAnswer moved{
        .status = 308, .content_type = "text/plain", .headers = {{"Location", std::string(root)}}, .body = {}};
    add_guards(moved);
    return exchange->reply(std::move(moved));
  }
  const auto rest = exchange->path().substr(root.size());
  if (rest.starts_with("assets/")) {
    const Asset* asset = find_asset(rest);
    return asset != nullptr ? reply_with(*exchange, *asset, false)
                            : exchange->reply(problem(404, "not_found", "There is no such file"));
  }
  // Every other path is a place in the page.
  reply_with(*exchange, *find_asset("index.html"), true);
}

void Dashboard::serve_call(std::unique_ptr<HttpExchange> given) {
  const std::shared_ptr<HttpExchange> exchange = std::move(given);
  const auto name = exchange->path().substr(calls.size());
  const bool reads = is_read(exchange->method());
  if (!reads && exchange->method() != HttpMethod::post)
    return exchange->reply(wrong_method("GET, HEAD, POST", "Calls of the dashboard are read or posted"));
  if (!reads && !DashboardAccess::is_from_own_page(*exchange)) {
    log::warning("dashboard.forged", "path={} address={}", exchange->path(), exchange->peer_address());
    return exchange->reply(problem(403, "forged_request", "This request did not come from the dashboard's own page",
                                   "expected `X-Requested-With: XionID`, from the same origin"));
  }
  if (name == "sign-in") return reads ? tell_ways_in(*exchange) : sign_in(exchange);
  if (!reads && name == "passkeys/ask") return passkeys_.ask(exchange);
  if (!reads && name == "passkeys/sign-in") return passkeys_.sign_in(exchange);
  const auto session = services_.dashboard->session(*exchange, *services_.settings);
  if (!session)
    return exchange->reply(
        problem(401, "not_signed_in", "There is no session, or it is over", "`xionctl dashboard invite` makes a link"));
  if (!session->requests.take(services_.loop.now())) {
    HttpAnswer refusal = problem(429, "rate_limited", "The dashboard asks too often");
    refusal.headers.emplace_back("Retry-After", "1");
    return exchange->reply(std::move(refusal));
  }
  if (name != "events") services_.dashboard->note_use(session, *exchange);
  if (reads && name == "session") return tell_session(exchange, *session);
  if (reads && name == "sessions") return list_sessions(exchange, session->pass);
  if (reads && name == "events") return follow(exchange, session);
  if (!reads && name == "passkeys/new") return passkeys_.ask_for_new(exchange, *session);
  if (!reads && name == "passkeys/add") return passkeys_.add(exchange, *session);
  if (!reads && name == "sign-out") return sign_out(exchange, session->pass, false);
  if (!reads && name == "sign-out-everywhere") return sign_out(exchange, session->pass, true);
  manage(services_, control_, session->pass, exchange, name);
}

/// What the page offers whoever isn't signed in.
void Dashboard::tell_ways_in(HttpExchange& exchange) const {
  const OidcSettings& oidc = services_.settings->oidc;
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "ok");
  if (oidc.is_on()) json.field("provider", oidc.name);
  if (passkeys_.are_offered()) json.field("passkeys", true);
  json.end_object();
  exchange.reply(json_answer(200, std::move(json).str()));
}

void Dashboard::sign_in(std::shared_ptr<HttpExchange> exchange) {
  // Anybody may ask for it, so that it costs little, whatever is asked.
  if (exchange->body().size() > sign_in_octets_max)
    return exchange->reply(problem(413, "body_too_large", "A sign-in is no longer than 1 KiB"));
  const auto body = wire::parse_json(exchange->body(), sign_in_limits);
  const wire::Value* token = body ? body->find("token") : nullptr;
  if (token == nullptr || token->text() == nullptr) {
    if (!services_.dashboard->note_failed_try(std::string(exchange->peer_address())))
      return exchange->reply(too_many_tries());
    return exchange->reply(
        problem(400, "missing_field", "Expected {\"token\": …} with what stands behind the # of the link"));
  }
  services_.dashboard->sign_in(
      *token->text(), std::string(exchange->peer_address()),
      [this, exchange](const std::expected<NewPass, SignInError>& made) {
        if (made) {
          HttpAnswer answer = json_answer(
              200, fmt::format(R"({{"ok":true,"status":"signed-in","role":"{}"}})", to_string(made->pass.role)));
          answer.headers.emplace_back("Set-Cookie",
                                      session_cookie(*services_.settings, made->secret.reveal(),
                                                     whole_seconds(made->pass.expires_at - services_.loop.wall_now())));
          return exchange->reply(std::move(answer));
        }
        switch (made.error()) {
          case SignInError::unknown_invite:
            return exchange->reply(
                problem(401, "invite_over", "This link was used, or its time is over", "ask for a new one"));
          case SignInError::too_many_tries: return exchange->reply(too_many_tries());
          case SignInError::cloned:
          case SignInError::no_room:
          case SignInError::store_failed:
            return exchange->reply(problem(503, "store_unavailable", "The store can't be written; try again"));
        }
      });
}

void Dashboard::tell_session(const std::shared_ptr<HttpExchange>& exchange, const DashboardSession& session) {
  const DashboardPass& pass = session.pass;
  const auto app = services_.directory.app(pass.app);
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "signed-in").field("role", to_string(pass.role));
  json.field("app", app ? app->app.name : std::string())
      .field("person", pass.person)
      .field("expiresAt", rfc3339(pass.expires_at));
  json.field("now", rfc3339_millis(services_.loop.wall_now())).field("version", version_);
  json.field("mayEnrol", passkeys_.may_enrol(session));
  json.field("kind", to_string(pass.kind)).key("apps").begin_array();
  if (pass.app == 0) {
    for (const auto& entry : services_.directory.apps()) json.value(entry->app.name);
  } else if (app) {
    json.value(app->app.name);
  }
  json.end_array().end_object();
  HttpAnswer answer = json_answer(200, std::move(json).str());
  // The browser keeps the cookie as long as the session lives, which may be longer than when it was set.
  const WallTime now = services_.loop.wall_now();
  if (const auto secret = DashboardAccess::secret(*exchange, *services_.settings);
      secret && pass.kind == PassKind::session && !exchange->header("X-XionID-Unattended")) {
    const WallTime end = std::max(pass.expires_at, services_.dashboard->end_if_used(pass));
    answer.headers.emplace_back("Set-Cookie", session_cookie(*services_.settings, *secret, whole_seconds(end - now)));
  }
  exchange->reply(std::move(answer));
}

void Dashboard::sign_out(std::shared_ptr<HttpExchange> exchange, const DashboardPass& pass, bool everywhere) {
  // One screen that leaves its wall does not take the link from the others: who hung it revokes it.
  everywhere = everywhere && pass.kind != PassKind::wall;
  services_.dashboard->revoke(
      [mine = pass, everywhere](const DashboardPass& other) {
        // Nor does whoever signs out lose what they sign in by.
        if (other.kind == PassKind::wall || other.kind == PassKind::passkey) return false;
        return everywhere ? mine.is_same_person(other) : mine.id == other.id;
      },
      [this, exchange](std::optional<std::size_t> ended) {
        if (!ended) return exchange->reply(problem(503, "store_unavailable", "The store can't be written; try again"));
        HttpAnswer answer =
            json_answer(200, fmt::format(R"({{"ok":true,"status":"signed-out","sessions":{}}})", *ended));
        answer.headers.emplace_back("Set-Cookie", session_cookie(*services_.settings, "", Seconds{0}));
        answer.headers.emplace_back("Clear-Site-Data", "\"cache\", \"storage\"");
        exchange->reply(std::move(answer));
      });
}

/// Those of the same person; an owner sees the whole app's.
void Dashboard::list_sessions(const std::shared_ptr<HttpExchange>& exchange, const DashboardPass& pass) {
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "ok").key("items").begin_array();
  for (const DashboardPass& other : services_.dashboard->passes()) {
    const bool is_shown = pass.role == DashboardRole::viewer ? pass.is_same_person(other) : pass.app == other.app;
    if (!is_shown || other.kind == PassKind::invite) continue;
    json.begin_object()
        .field("id", other.id)
        .field("kind", to_string(other.kind))
        .field("role", to_string(other.role))
        .field("person", other.person);
    json.field("address", other.address).field("isThisOne", other.id == pass.id);
    json.field("createdAt", rfc3339(other.created_at)).field("expiresAt", rfc3339(other.expires_at)).end_object();
  }
  json.end_array().end_object();
  exchange->reply(json_answer(200, std::move(json).str()));
}

void Dashboard::follow(std::shared_ptr<HttpExchange> exchange, std::shared_ptr<DashboardSession> session) {
  AppId app = session->pass.app;
  if (app == 0) {
    const auto entry = services_.directory.app_named(query_value(exchange->query(), "app"));
    if (entry) app = entry->app.id;
  }
  HttpAnswer head{.status = 200,
                  .content_type = "text/event-stream",
                  .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
                  .body = {}};
  add_guards(head);
  if (!live_.has_room(session->pass.id))
    return exchange->reply(problem(503, "overloaded", "Too many pages of this session follow already"));
  if (exchange->method() == HttpMethod::head) return exchange->reply(wrong_method("GET", "Events are followed"));
  live_.add(exchange->reply_in_pieces(std::move(head)), session->pass, app);
}

}  // namespace xion
