#include "app/codes/admit_send.h"

#include <doctest/doctest.h>

#include "unit/desk.h"

namespace xion {
namespace {

using Overrides = std::map<std::string, std::string>;

/// A desk with one carrier, two routes, and an app that says what it is allowed.
struct AdmitDesk : Desk {
  explicit AdmitDesk(Overrides overrides) {
    settings.routes.push_back(settings.routes.front());
    settings.routes.back().name = "second";
    directory().add_app("shop", "custom", std::move(overrides), [](auto) {});
    loop.run(Millis{10});
  }
  Caller caller() { return {.app = directory().app_named("shop"), .key_id = {}, .scopes = 0}; }
  /// Empty: admitted. Else the code, and the member that is at fault.
  std::string admit(SendRequest& request) {
    request.phone = *parse_phone("+37499123456");
    const Caller asks = caller();
    auto refused = admit_send(request, asks, settings, *gateway.services().templates);
    if (!refused) refused = admit_text(request, asks.app->policy, asks.app->app.name);
    return refused ? std::string(to_string(refused->verdict)) + " " + refused->field : "";
  }
  void add_text(std::string name, std::string text) {
    gateway.services().templates->put({.app = 1, .name = std::move(name), .locale = "", .text = std::move(text)},
                                      [](auto) {});
    loop.run(Millis{10});
  }
};

}  // namespace

TEST_CASE("what a request leaves open is the app's own: its route, its sender, its text") {
  AdmitDesk desk(Overrides{{"route", "second"}, {"sender", "Shop"}});
  desk.add_text("default", "{code} opens the shop");
  SendRequest request;
  CHECK(desk.admit(request) == "");
  CHECK(request.route == "second");
  CHECK(request.sender == "Shop");
  CHECK(request.text_pattern == "{code} opens the shop");
}

TEST_CASE("a route and a sender are named only where they are the app's to use") {
  struct Case {
    const char* says;
    std::map<std::string, std::string> app;
    std::string route, sender, refusal;
  };
  const Case cases[] = {
      {"a configured route", {}, "second", "", ""},
      {"no route of that name", {}, "third", "", "invalid_field route"},
      {"not one of the app's", {{"routes", "primary"}}, "second", "", "invalid_field route"},
      {"one of the app's", {{"routes", "primary,second"}}, "second", "", ""},
      {"a carrier's sender", {}, "", "XionID", ""},
      {"nobody's sender", {}, "", "Bank", "invalid_field sender"},
      {"not one of the app's senders", {{"senders", "Shop"}}, "", "XionID", "invalid_field sender"},
      {"one of the app's senders", {{"senders", "Shop,Bank"}}, "", "Bank", ""},
  };
  for (const Case& one : cases) {
    CAPTURE(one.says);
    AdmitDesk desk(one.app);
    SendRequest request;
    request.route = one.route;
    request.sender = one.sender;
    CHECK(desk.admit(request) == one.refusal);
  }
}

TEST_CASE("a code lives at least half a minute and at most as long as the app allows") {
  AdmitDesk desk(Overrides{{"ttl_max_seconds", "600"}});
  for (const auto& [ttl, refusal] : {std::pair(29, "invalid_ttl ttlSeconds"),
                                     {30, ""},
                                     {600, ""},
                                     {601, "invalid_ttl ttlSeconds"},
                                     {-1, "invalid_ttl ttlSeconds"}}) {
    CAPTURE(ttl);
    SendRequest request;
    request.ttl = Seconds{ttl};
    CHECK(desk.admit(request) == refusal);
  }
}

TEST_CASE("a text has every variable that it names, no braces in them, and not more parts than the app allows") {
  AdmitDesk desk(Overrides{{"segments_max", "1"}});
  desk.add_text("login", "{code}: welcome, {name}");
  struct Case {
    const char* says;
    std::string name;
    std::vector<std::pair<std::string, std::string>> variables;
    std::string refusal;
  };
  const Case cases[] = {
      {"as it should be", "login", {{"name", "Ani"}}, ""},
      {"no such text", "logout", {}, "template_error template"},
      {"a variable is missing", "login", {}, "template_error variables"},
      {"a value with braces", "login", {{"name", "{code}"}}, "template_error variables.name"},
      {"two parts", "login", {{"name", std::string(160, 'x')}}, "too_many_segments "},
  };
  for (const Case& one : cases) {
    CAPTURE(one.says);
    SendRequest request;
    request.text_template = one.name;
    request.variables = one.variables;
    CHECK(desk.admit(request) == one.refusal);
  }
}

TEST_CASE("a pattern that a request brings is kept, and measured like any other") {
  AdmitDesk desk(Overrides{{"segments_max", "1"}});
  desk.add_text("default", "{code} opens the shop");
  SendRequest request;
  request.text_pattern = "{code} for the operators";
  CHECK(desk.admit(request) == "");
  CHECK(request.text_pattern == "{code} for the operators");
  request.text_pattern = "{code}" + std::string(200, 'x');
  CHECK(desk.admit(request) == "too_many_segments ");
}

}  // namespace xion
