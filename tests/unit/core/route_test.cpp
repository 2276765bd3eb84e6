#include "core/route.h"

#include <doctest/doctest.h>

#include <map>

using namespace xion;

namespace {

RouteSettings route(std::string name, std::string prefix = "", std::vector<RouteCarrier> carriers = {}) {
  RouteSettings route;
  route.name = std::move(name);
  route.prefix = std::move(prefix);
  route.carriers = std::move(carriers);
  return route;
}

RouteQuery query(std::string_view e164, std::string_view country = "") {
  return {e164, country, "shop", "default", "", {}};
}

CarrierHealth well(std::string_view) { return {.is_bound = true, .is_paused = false, .room = 10, .reason = ""}; }

}  // namespace

TEST_CASE("the longest prefix wins, wherever it stands") {
  const RouteSettings routes[] = {route("default"), route("am", "+374"), route("mobile", "+37499"), route("us", "+1")};
  std::string why;
  CHECK(match_route(routes, query("+37499123056"), &why)->name == "mobile");
  CHECK(why == "longest prefix +37499");
  CHECK(match_route(routes, query("+37477123056"))->name == "am");
  CHECK(match_route(routes, query("+4915112345678"), &why)->name == "default");
  CHECK(why == "matches every number");
}

TEST_CASE("among equal prefixes country, then app, then purpose decide; then the earlier") {
  std::vector<RouteSettings> routes(5);
  for (std::size_t i = 0; i < routes.size(); ++i) routes[i].name = "r" + std::to_string(i);
  routes[1].purpose = "default";
  routes[2].app = "shop";
  routes[3].country = "AM";
  routes[4].country = "AM";
  const auto matched = [&] { return match_route(routes, query("+37499123056", "AM"))->name; };
  CHECK(matched() == "r3");
  routes.resize(3);
  CHECK(matched() == "r2");
  routes.resize(2);
  CHECK(matched() == "r1");
}

TEST_CASE("a prefix outweighs country and app together") {
  std::vector<RouteSettings> routes{route("rest"), route("prefix", "+3")};
  routes[0].country = "AM";
  routes[0].app = "shop";
  CHECK(match_route(routes, query("+37499123056", "AM"))->name == "prefix");
}

TEST_CASE("a route of another app, country or purpose is none") {
  std::vector<RouteSettings> routes(3);
  routes[0].app = "bank";
  routes[1].country = "US";
  routes[2].purpose = "login";
  CHECK(match_route(routes, query("+37499123056", "AM")) == nullptr);
  const auto decision = decide_route(routes, query("+37499123056", "AM"), well);
  CHECK(decision.route == nullptr);
  CHECK_FALSE(decision.carrier);
  CHECK(decision.why_route == "no route matches");
}

TEST_CASE("a route asked for by name is taken, or none") {
  const RouteSettings routes[] = {route("default"), route("premium"), route("am", "+374")};
  RouteQuery asked = query("+37499123056");
  asked.group = "premium";
  CHECK(match_route(routes, asked)->name == "premium");
  asked.group = "nonsense";
  CHECK(match_route(routes, asked) == nullptr);
}

TEST_CASE("the first carrier in order that can take a message gets it") {
  const RouteSettings routes[] = {route("default", "", {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}})};
  const auto health = [](std::string_view name) -> CarrierHealth {
    if (name == "a") return {.is_bound = false, .is_paused = false, .room = 0, .reason = "down: connection refused"};
    if (name == "b") return {.is_bound = true, .is_paused = true, .room = 10, .reason = ""};
    if (name == "c") return {.is_bound = true, .is_paused = false, .room = 0, .reason = ""};
    return {.is_bound = true, .is_paused = false, .room = 3, .reason = ""};
  };
  const auto decision = decide_route(routes, query("+37499123056"), health);
  CHECK(decision.carrier == "d");
  REQUIRE(decision.options.size() == 5);
  CHECK(decision.options[0].reason == "down: connection refused");
  CHECK(decision.options[1].reason == "paused");
  CHECK(decision.options[2].reason == "bound, but its window is full");
  CHECK(decision.options[3].reason == "bound, room for 3");
  CHECK(decision.options[3].is_chosen);
  CHECK_FALSE(decision.options[4].is_chosen);
}

TEST_CASE("a message waits while a carrier that it has not been to may come back") {
  const RouteSettings routes[] = {route("default", "", {{"a"}, {"b"}})};
  const std::string_view tried[] = {"a"};
  RouteQuery retry = query("+37499123056");
  retry.tried = tried;
  const auto decision = decide_route(routes, retry, [](std::string_view) { return CarrierHealth{}; });
  CHECK_FALSE(decision.carrier);
  CHECK_FALSE(decision.is_exhausted);
  CHECK(decision.options[0].reason == "tried already");
  CHECK(decision.options[1].reason == "down");
}

TEST_CASE("a message that has been to every carrier has none left") {
  const RouteSettings routes[] = {route("default", "", {{"a"}, {"b"}})};
  const std::string_view tried[] = {"b", "a"};
  RouteQuery retry = query("+37499123056");
  retry.tried = tried;
  const auto decision = decide_route(routes, retry, well);
  CHECK_FALSE(decision.carrier);
  CHECK(decision.is_exhausted);
}

TEST_CASE("carriers with weights share the numbers by weight, and each number stays with its carrier") {
  const RouteSettings routes[] = {route("default", "", {{"a", 3}, {"spare", 0}, {"b", 1}})};
  std::map<std::string, int> share;
  for (int i = 0; i < 20'000; ++i) {
    const std::string number = "+374" + std::to_string(90'000'000 + i);
    const auto decision = decide_route(routes, query(number), well);
    ++share[*decision.carrier];
    REQUIRE(decide_route(routes, query(number), well).carrier == decision.carrier);
    REQUIRE(decision.options.back().carrier == "spare");
  }
  CHECK(share["spare"] == 0);
  CHECK(share["a"] > 14'700);
  CHECK(share["a"] < 15'300);
}

TEST_CASE("a weighted carrier's absence moves only its own numbers") {
  const RouteSettings routes[] = {route("default", "", {{"a", 1}, {"b", 1}, {"c", 1}})};
  const auto without_a = [](std::string_view name) { return name == "a" ? CarrierHealth{} : well(name); };
  for (int i = 0; i < 1'000; ++i) {
    const std::string number = "+374" + std::to_string(90'000'000 + i);
    const auto before = decide_route(routes, query(number), well).carrier;
    if (before != "a") CHECK(decide_route(routes, query(number), without_a).carrier == before);
  }
}
