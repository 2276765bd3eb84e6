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

CarrierHealth every_carrier_well(std::string_view, const RouteQuery&) { return {.is_bound = true, .room = 10}; }

std::string_view chosen(std::span<const RouteSettings> routes, const RouteQuery& asked,
                        const HealthOf& health = every_carrier_well) {
  const RouteDecision decision = decide_route(routes, asked, health);
  return decision.carrier != nullptr ? std::string_view(decision.carrier->name) : std::string_view();
}

}  // namespace

TEST_CASE("the longest prefix wins, wherever it stands") {
  const RouteSettings routes[] = {route("default"), route("am", "+374"), route("mobile", "+37499"), route("us", "+1")};
  CHECK(match_route(routes, query("+37499123056"))->name == "mobile");
  CHECK(explain_route(routes, query("+37499123056"), every_carrier_well, {}).why_route == "longest prefix +37499");
  CHECK(match_route(routes, query("+37477123056"))->name == "am");
  CHECK(match_route(routes, query("+4915112345678"))->name == "default");
  CHECK(explain_route(routes, query("+4915112345678"), every_carrier_well, {}).why_route == "matches every number");
}

TEST_CASE("among equal prefixes country, then app, then purpose decide, and then the earlier") {
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
  const auto decision = explain_route(routes, query("+37499123056", "AM"), every_carrier_well, {});
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
  const auto health = [](std::string_view name, const RouteQuery&) -> CarrierHealth {
    if (name == "a") return {};
    if (name == "b") return {.is_bound = true, .is_paused = true, .room = 10};
    if (name == "c") return {.is_bound = true, .room = 0};
    return {.is_bound = true, .room = 3};
  };
  const auto trouble = [](std::string_view name) -> std::string {
    return name == "a" ? "down: connection refused" : "";
  };
  const auto decision = explain_route(routes, query("+37499123056"), health, trouble);
  CHECK(decision.carrier == "d");
  CHECK(chosen(routes, query("+37499123056"), health) == "d");
  REQUIRE(decision.options.size() == 5);
  CHECK(decision.options[0].reason == "down: connection refused");
  CHECK(decision.options[1].reason == "paused");
  CHECK(decision.options[2].reason == "bound, but its window or rate is used up");
  CHECK(decision.options[3].reason == "bound, room for 3");
  CHECK(decision.options[3].is_chosen);
  CHECK_FALSE(decision.options[4].is_chosen);
}

TEST_CASE("a message waits while a carrier that it has not been to may come back") {
  const RouteSettings routes[] = {route("default", "", {{"a"}, {"b"}})};
  const std::string_view tried[] = {"a"};
  RouteQuery retry = query("+37499123056");
  retry.tried = tried;
  const auto decision = explain_route(routes, retry, [](auto...) { return CarrierHealth{}; }, {});
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
  const auto decision = decide_route(routes, retry, every_carrier_well);
  CHECK(decision.carrier == nullptr);
  CHECK(decision.is_exhausted);
}

TEST_CASE("carriers with weights share the numbers by weight, and each number stays with its carrier") {
  const RouteSettings routes[] = {route("default", "", {{"a", 3}, {"spare", 0}, {"b", 1}})};
  std::map<std::string, int> share;
  for (int i = 0; i < 20'000; ++i) {
    const std::string number = "+374" + std::to_string(90'000'000 + i);
    const std::string_view first = chosen(routes, query(number));
    ++share[std::string(first)];
    REQUIRE(chosen(routes, query(number)) == first);
    if (i < 100)
      REQUIRE(explain_route(routes, query(number), every_carrier_well, {}).options.back().carrier == "spare");
  }
  CHECK(share["spare"] == 0);
  CHECK(share["a"] > 14'700);
  CHECK(share["a"] < 15'300);
}

TEST_CASE("a weighted carrier's absence moves only its own numbers") {
  const RouteSettings routes[] = {route("default", "", {{"a", 1}, {"b", 1}, {"c", 1}})};
  const auto without_a = [](std::string_view name, const RouteQuery& asked) {
    return name == "a" ? CarrierHealth{} : every_carrier_well(name, asked);
  };
  for (int i = 0; i < 1'000; ++i) {
    const std::string number = "+374" + std::to_string(90'000'000 + i);
    const auto before = chosen(routes, query(number));
    if (before != "a") CHECK(chosen(routes, query(number), without_a) == before);
  }
}

TEST_CASE("among carriers without a weight the cheaper goes first, and those of one price as listed") {
  const RouteSettings routes[] = {
      route("default", "", {{"dear", 0, 0.05}, {"first", 0, 0.02}, {"second", 0, 0.02}, {"shared", 1, 9}})};
  const auto decision = explain_route(routes, query("+37499123056"), every_carrier_well, {});
  std::vector<std::string> order;
  for (const RouteOption& option : decision.options) order.push_back(option.carrier);
  CHECK(order == std::vector<std::string>{"shared", "first", "second", "dear"});
}

TEST_CASE("a carrier is used in its hours only, and its message waits rather than dies outside them") {
  RouteSettings night = route("default", "", {{"night"}});
  night.carriers[0].hours = parse_hours("22:00-06:00 +04:00");
  const RouteSettings routes[] = {night};
  RouteQuery asked = query("+37499123056");
  asked.now = wall_time(17 * 3'600'000LL + 1'800'000);  // 17:30 UTC is 21:30 there.
  CHECK(chosen(routes, asked) == "");
  CHECK_FALSE(decide_route(routes, asked, every_carrier_well).is_exhausted);
  CHECK(explain_route(routes, asked, every_carrier_well, {}).options[0].reason == "only at 22:00-06:00 +04:00");
  asked.now += Millis{1'800'000};
  CHECK(chosen(routes, asked) == "night");
  asked.now = wall_time(86'400'000LL + 2 * 3'600'000LL);  // 06:00 there.
  CHECK(chosen(routes, asked) == "");
}

TEST_CASE("a network's numbers take its route, after country and before app") {
  std::vector<RouteSettings> routes{route("rest"), route("network"), route("app")};
  routes[1].network = "28301";
  routes[1].network_prefixes = {"+37491", "+37499"};
  routes[2].app = "shop";
  CHECK(match_route(routes, query("+37499123056"))->name == "network");
  CHECK(match_route(routes, query("+37477123056"))->name == "app");
  routes[0].country = "AM";
  CHECK(match_route(routes, query("+37499123056", "AM"))->name == "rest");
}

TEST_CASE("a carrier whose breaker is open is passed over, but for want of another is used") {
  const RouteSettings routes[] = {route("default", "", {{"a"}, {"b"}})};
  bool is_b_bound = true;
  std::size_t room_of_b = 10;
  const auto health = [&](std::string_view name, const RouteQuery&) -> CarrierHealth {
    if (name == "a") return {.is_bound = true, .room = 10, .breaker = BreakerState::open};
    return {.is_bound = is_b_bound, .room = room_of_b};
  };
  CHECK(chosen(routes, query("+37499123056"), health) == "b");
  room_of_b = 0;
  CHECK(chosen(routes, query("+37499123056"), health) == "");  // b will have room in a moment.
  is_b_bound = false;
  CHECK(chosen(routes, query("+37499123056"), health) == "a");
}

TEST_CASE("a carrier that converts clearly worse than another goes last") {
  const RouteSettings routes[] = {route("default", "", {{"a"}, {"b"}, {"c"}})};
  std::map<std::string, double, std::less<>> conversion{{"a", 0.6}, {"b", 0.9}};
  const auto health = [&](std::string_view name, const RouteQuery&) -> CarrierHealth {
    CarrierHealth told{.is_bound = true, .room = 10};
    if (const auto known = conversion.find(name); known != conversion.end()) told.conversion = known->second;
    return told;
  };
  CHECK(chosen(routes, query("+37499123056"), health) == "b");
  CHECK(explain_route(routes, query("+37499123056"), health, {}).options.back().reason ==
        "bound, room for 10, converts 60 %");
  conversion["a"] = 0.7;  // Within what is tolerated.
  CHECK(chosen(routes, query("+37499123056"), health) == "a");
}

TEST_CASE("a carrier whose binds another node has keeps its place, and that node gets the message") {
  const RouteSettings routes[] = {route("main", "", {{"first"}, {"second"}})};
  std::map<std::string, CarrierHealth, std::less<>> health;
  const HealthOf of = [&](std::string_view name, const RouteQuery&) { return health.find(name)->second; };
  const auto decided = [&](bool was_handed_over, std::span<const std::string_view> tried = {}) {
    RouteQuery asked = query("+37499123056");
    asked.stays_here = was_handed_over;
    asked.tried = tried;
    const RouteDecision decision = decide_route(routes, asked, of);
    const auto named = [](const RouteCarrier* carrier) {
      return carrier == nullptr ? std::string("-") : carrier->name;
    };
    return named(decision.carrier) + " " + named(decision.elsewhere);
  };
  const CarrierHealth here{.is_bound = true, .room = 10}, full{.is_bound = true};
  const CarrierHealth there{.is_bound_elsewhere = true}, nowhere{};
  const CarrierHealth fails{.is_bound = true, .room = 10, .breaker = BreakerState::open};
  const std::string_view first[] = {"first"}, both[] = {"first", "second"};

  health = {{"first", there}, {"second", here}};
  CHECK(decided(false) == "- first");
  CHECK(decided(true) == "second -");
  CHECK(decided(false, first) == "second -");
  health = {{"first", here}, {"second", there}};
  CHECK(decided(false) == "first -");
  CHECK(decided(true, first) == "- second");
  CHECK(decided(true, both) == "- -");
  health = {{"first", full}, {"second", there}};
  CHECK(decided(false) == "- second");
  CHECK(decided(true) == "- -");  // It waits here.
  health = {{"first", fails}, {"second", there}};
  CHECK(decided(false) == "- second");
  CHECK(decided(true) == "- second");
  health = {{"first", nowhere}, {"second", there}};
  CHECK(decided(false) == "- second");
  health = {{"first", fails}, {"second", nowhere}};
  CHECK(decided(false) == "first -");

  health = {{"first", there}, {"second", here}};
  const auto explained =
      explain_route(routes, query("+37499123056"), of, [](std::string_view) { return "only for the nodes a"; });
  CHECK(explained.carrier == "first");
  CHECK(explained.options[0].reason ==
        "bound at another node, which is handed its messages; here: only for the nodes a");
}
