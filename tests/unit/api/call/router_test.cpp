#include <doctest/doctest.h>

#include <algorithm>

#include "api/call/call.h"
#include "api/call/path.h"
#include "api/call/problem.h"
#include "unit/api/api_desk.h"

namespace xion {
namespace {

constexpr const char* body = R"({"phone":"+37499123056"})";

/// A carrier that is bound, or not, as the test wants it.
struct PretendedCarriers final : Carriers {
  bool is_bound = true, is_paused = false;
  std::vector<CarrierView> view() const override { return {}; }
  bool pause(std::string_view) override { return false; }
  bool resume(std::string_view) override { return false; }
  bool reconnect(std::string_view) override { return false; }
  bool trace(std::string_view, Tracer) override { return false; }
  bool drain(std::string_view) override { return false; }
  void hold(CarrierHold, HoldDone) override {}
  void release(std::string_view, HoldDone) override {}
  RouteExplanation explain(const RouteQuery&) const override { return {}; }
  bool has_bound_carrier() const override { return is_bound; }
  std::size_t queue_size() const override { return 0; }
  std::optional<WallTime> waiting_since() const override { return {}; }
  bool is_all_paused() const override { return is_paused; }
  bool is_overloaded() const override { return false; }
};

}  // namespace

TEST_CASE("paths are found with slashes at their end and escapes in them, and nothing else is") {
  ApiDesk desk;
  CHECK(desk.post("/v1/otp/send/", body, desk.live).status == 202);
  CHECK(desk.post("/v1/%6ftp/verify", R"({"phone":"+37499123056","code":"1"})", desk.live).status == 422);
  for (const char* path : {"/", "", "/v1", "/v1/otps", "/v1/otp/send/now/please", "/v1/otp//cancel", "/v2/otp/send",
                           "/v1/otp/%zz", "/v1/otp/a%00", "/v1/otp%2Fsend", "/v1/otp%2fsend"}) {
    CAPTURE(path);
    const Told told = desk.post(path, body, desk.live);
    CHECK(told.status == 404);
    CHECK(told.code() == "not_found");
  }
}

TEST_CASE("whoever comes while the daemon starts is refused as the catalogue says, and told when to come back") {
  const auto answer = std::make_shared<std::optional<HttpAnswer>>();
  DeskExchange exchange({.path = "/v1/otp/send", .body = body, .headers = {}}, answer);
  answer_starting(exchange);
  REQUIRE(*answer);
  CHECK((*answer)->status == 503);
  CHECK((*answer)->content_type == "application/problem+json");
  CHECK((*answer)->body ==
        R"({"ok":false,"type":"/docs/errors/#store_unavailable","title":"Nothing can be stored now",)"
        R"("code":"store_unavailable","detail":"The daemon is starting; try again","retryAfterSeconds":1})");
  CHECK(std::ranges::count((*answer)->headers, std::pair<std::string, std::string>("Retry-After", "1")) == 1);
}

TEST_CASE("a wrong method is told which ones are right") {
  ApiDesk desk;
  const Told told = desk.get("/v1/otp/send", desk.live);
  CHECK(told.status == 405);
  CHECK(told.code() == "method_not_allowed");
  CHECK(told.header("Allow") == "POST");
  CHECK(desk.post("/v1/errors", "", desk.live).header("Allow") == "GET, HEAD");
  CHECK(desk.ask({HttpMethod::head, "/healthz", "", {}}).status == 200);
}

TEST_CASE("without a good key nothing is told but why") {
  ApiDesk desk;
  const Told none = desk.ask({HttpMethod::post, "/v1/otp/send", body, {}});
  CHECK(none.status == 401);
  CHECK(none.code() == "missing_api_key");
  CHECK(none.header("WWW-Authenticate") == "Bearer");
  CHECK(none.header("RateLimit") == "");
  CHECK_FALSE(none.header("X-Request-Id").empty());
  CHECK(desk.post("/v1/otp/send", body, "xk_live_nonsense").code() == "invalid_api_key");

  const auto sender = desk.key({.app = "shop", .scopes = 1, .is_test = false, .expires_in = {}, .networks = {}});
  const Told narrow = desk.post("/v1/otp/verify", "{}", sender);
  CHECK(narrow.status == 403);
  CHECK(narrow.code() == "insufficient_scope");
  CHECK(narrow.text("scope") == "otp:verify");

  const auto elsewhere =
      desk.key({.app = "shop", .scopes = 1, .is_test = false, .expires_in = {}, .networks = {"198.51.100.0/24"}});
  CHECK(desk.post("/v1/otp/send", body, elsewhere).code() == "client_not_allowed");
}

TEST_CASE("the client's request id comes back, unless it could do harm") {
  ApiDesk desk;
  CHECK(desk.post("/v1/otp/send", "{}", desk.live, {{"X-Request-Id", "abc-1"}}).header("X-Request-Id") == "abc-1");
  CHECK(desk.post("/v1/otp/send", "{}", desk.live, {{"X-Request-Id", "a b"}}).header("X-Request-Id").size() == 16);
  CHECK(desk.post("/v1/otp/send", "{}", desk.live, {{"X-Request-Id", std::string(129, 'a')}})
            .header("X-Request-Id")
            .size() == 16);
}

TEST_CASE("an app's rate is told with every answer and refused beyond") {
  ApiDesk desk;
  desk.directory().set_app("shop", {{"plan", "starter"}}, [](auto) {});
  desk.loop.run(Millis{3000});
  const Told first = desk.send("{}");
  CHECK(first.status == 400);
  CHECK(first.header("RateLimit-Policy") == "\"requests\";q=10;w=2");
  CHECK(first.header("RateLimit") == "\"requests\";r=9;t=1");
  std::vector<std::shared_ptr<std::optional<HttpAnswer>>> rest;
  for (int i = 0; i < 10; ++i)
    rest.push_back(desk.begin({HttpMethod::post, "/v1/otp/send", "{}", {{"Authorization", "Bearer " + desk.live}}}));
  const Told last = ApiDesk::told(*rest.back());
  CHECK(last.status == 429);
  CHECK(last.code() == "rate_limited");
  CHECK(last.header("Retry-After") == "1");
  CHECK(last.number("retryAfterSeconds") == 1);
  REQUIRE(last.body.find("violatedPolicies") != nullptr);
  CHECK(*last.body.find("violatedPolicies")->array()->front().find("policy")->text() == "requests");
  CHECK(desk.post("/v1/otp/send", "{}", desk.test).status == 400);  // Test keys have a rate of their own.
  desk.loop.run(Millis{1000});
  CHECK(desk.send("{}").status == 400);
}

TEST_CASE("test keys may make twenty requests a second, whatever the plan") {
  ApiDesk desk;
  const Told first = desk.post("/v1/otp/send", "{}", desk.test);
  CHECK(first.header("RateLimit-Policy") == "\"requests\";q=40;w=2");
  std::shared_ptr<std::optional<HttpAnswer>> last;
  for (int i = 0; i < 41; ++i)
    last = desk.begin({HttpMethod::post, "/v1/otp/send", "{}", {{"Authorization", "Bearer " + desk.test}}});
  CHECK(ApiDesk::told(*last).code() == "rate_limited");
  CHECK(desk.send("{}").status == 400);
  desk.loop.run(Millis{1'000});
  CHECK(desk.post("/v1/otp/send", "{}", desk.test).status == 400);
}

TEST_CASE("the catalogue is served, and every code in it has its title and status") {
  ApiDesk desk;
  const Told told = desk.ask({HttpMethod::get, "/v1/errors", "", {}});
  CHECK(told.status == 200);
  REQUIRE(told.body.find("errors") != nullptr);
  CHECK(told.body.find("errors")->array()->size() == error_catalogue().size());
  for (const CatalogueEntry& entry : error_catalogue()) {
    CHECK(entry.http_status >= 400);
    CHECK_FALSE(entry.title.empty());
  }
}

TEST_CASE("every answer that says wait says how long") {
  for (const CatalogueEntry& entry : error_catalogue()) {
    const StoredAnswer answer = Problem(entry.code, "").answer();
    const bool says_wait = entry.http_status == 423 || entry.http_status == 429 || entry.http_status == 503;
    CHECK((answer.headers.find("Retry-After: ") != std::string::npos) == says_wait);
  }
}

TEST_CASE("readiness names what is missing") {
  ApiDesk desk;
  PretendedCarriers carriers;
  desk.gateway.services().carriers = &carriers;
  CHECK(desk.ask({HttpMethod::get, "/readyz", "", {}}).text("status") == "ready");
  carriers.is_bound = false;
  const Told unbound = desk.ask({HttpMethod::get, "/readyz", "", {}});
  CHECK(unbound.status == 503);
  CHECK(unbound.text("missing") == "carrier");
  carriers.is_paused = true;
  CHECK(desk.ask({HttpMethod::get, "/readyz", "", {}}).text("missing") == "carrier");
  desk.disk.commit_fails = [] { return true; };
  CHECK(desk.send(body).code() == "store_unavailable");
  CHECK(desk.ask({HttpMethod::get, "/readyz", "", {}}).text("missing") == "store");
}

TEST_CASE("a placeholder stands for one part of a path that is not empty") {
  std::string id;
  CHECK(path_matches("/v1/otp/{id}/cancel", "/v1/otp/OTP-1/cancel", id));
  CHECK(id == "OTP-1");
  CHECK_FALSE(path_matches("/v1/otp/{id}/cancel", "/v1/otp//cancel", id));
  CHECK_FALSE(path_matches("/v1/otp/{id}/cancel", "/v1/otp/cancel", id));
  CHECK_FALSE(path_matches("/v1/otp/{id}", "/v1/otp/a/b", id));
  CHECK(plain_path("/a%2Bb//") == "/a+b");
  CHECK_FALSE(plain_path("/a%2Fb"));
  CHECK_FALSE(plain_path("/a%2"));
}

}  // namespace xion
