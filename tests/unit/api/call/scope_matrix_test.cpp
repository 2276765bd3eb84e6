// Every call × every scope × live and test × every role of a session, made from the router's own table: a new call is
// in here by itself, and one without a right must be named below.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "app/owners/dashboard_access.h"
#include "unit/api/api_desk.h"

namespace xion {
namespace {

/// What anybody may ask: nothing of it is an app's.
constexpr std::string_view open_calls[] = {"/v1/errors", "/openapi.json", "/openapi.yaml", "/healthz", "/readyz"};
constexpr Scope all_scopes[] = {Scope::otp_send,    Scope::otp_verify,  Scope::otp_read,        Scope::stats_read,
                                Scope::pii_read,    Scope::admin_keys,  Scope::admin_templates, Scope::admin_webhooks,
                                Scope::admin_lists, Scope::admin_policy};

/// A call's path as a client might write it: there is nothing of that name.
std::string path_of(const ApiCall& call) {
  std::string path(call.pattern);
  if (const auto at = path.find("{id}"); at != path.npos) path.replace(at, 4, "OTP-0000000000000000");
  return path;
}

struct MatrixDesk : ApiDesk {
  /// The answer, a while after the one before: so that no rate is met.
  Told call(const ApiCall& call, std::map<std::string, std::string> headers) {
    loop.run(Millis{100});
    const bool posts = call.method == HttpMethod::post;
    if (posts) headers.emplace("Content-Type", "application/json");
    return ask({call.method, path_of(call), posts ? "{}" : "", std::move(headers)});
  }
  std::string key_with(Scope scope, bool is_test) {
    return key(
        {.app = "shop", .scopes = static_cast<Scopes>(scope), .is_test = is_test, .expires_in = {}, .networks = {}});
  }
  /// The cookie of a session of that role.
  std::string session_of(DashboardRole role) {
    DashboardAccess& access = *gateway.services().dashboard;
    const AppId app = role == DashboardRole::operator_ ? 0 : directory().app_named("shop")->app.id;
    std::string cookie;
    access.invite({app, role, "Ani"}, [&](std::expected<NewPass, Refusal> invited) {
      access.sign_in(invited.value().secret.reveal(), "192.0.2.7", [&](std::expected<NewPass, SignInError> made) {
        cookie = std::string(DashboardAccess::cookie_name(settings)) + "=" + made.value().secret.reveal();
      });
    });
    loop.run(Millis{20});
    return cookie;
  }
};

bool is_refused(const Told& told) { return told.status == 401 || told.status == 403; }

}  // namespace

TEST_CASE("a call without a right is one that anybody may make, and is named as such") {
  for (const ApiCall& call : api_calls()) {
    CAPTURE(call.pattern);
    CHECK(call.scope.has_value() != (std::ranges::find(open_calls, call.pattern) != std::end(open_calls)));
  }
}

TEST_CASE("each call takes the keys that have its scope, live and test, and no others") {
  MatrixDesk desk;
  for (const bool is_test : {false, true}) {
    for (const Scope scope : all_scopes) {
      if (is_test && (static_cast<Scopes>(scope) & admin_scopes) != 0) continue;  // A test key manages nothing.
      const std::string key = desk.key_with(scope, is_test);
      for (const ApiCall& call : api_calls()) {
        CAPTURE(call.pattern);
        CAPTURE(to_string(scope));
        CAPTURE(is_test);
        const Told told = desk.call(call, {{"Authorization", "Bearer " + key}});
        CHECK(told.status != 0);
        CHECK(is_refused(told) == (call.scope.has_value() && call.scope != scope));
        if (is_refused(told))
          CHECK(told.code() == (call.pattern.starts_with("/v1/") ? "insufficient_scope" : "PERMISSION_DENIED"));
      }
    }
  }
}

TEST_CASE("each call but the open ones is refused without a key, and with one that is nobody's") {
  MatrixDesk desk;
  for (const ApiCall& call : api_calls()) {
    CAPTURE(call.pattern);
    CHECK((desk.call(call, {}).status == 401) == call.scope.has_value());
    const std::string nobodys = "Bearer xk_live_" + std::string(40, '0');
    CHECK((desk.call(call, {{"Authorization", nobodys}}).status == 401) == call.scope.has_value());
  }
}

TEST_CASE("a session of any role reads its app, and sends, verifies and changes nothing") {
  MatrixDesk desk;
  for (const DashboardRole role : {DashboardRole::viewer, DashboardRole::owner, DashboardRole::operator_}) {
    const std::string cookie = desk.session_of(role);
    REQUIRE_FALSE(cookie.empty());
    for (const char* is_test : {"false", "true"}) {
      for (const ApiCall& call : api_calls()) {
        CAPTURE(call.pattern);
        CAPTURE(to_string(role));
        const bool reads = !call.scope || call.scope == Scope::otp_read || call.scope == Scope::stats_read;
        const Told told = desk.call(call, {{"Cookie", cookie}, {"X-XionID-App", "shop"}, {"X-XionID-Test", is_test}});
        CHECK(told.status != 0);
        CHECK(is_refused(told) == !reads);
      }
    }
    // An operator's has no app of its own.
    const Told unnamed = desk.call({HttpMethod::get, "/v1/otp", Scope::otp_read}, {{"Cookie", cookie}});
    CHECK(unnamed.status == (role == DashboardRole::operator_ ? 404 : 200));
  }
}

}  // namespace xion
