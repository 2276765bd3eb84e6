#include <doctest/doctest.h>

#include "scratch_folder.h"

using namespace xion;
using test::carrier_named;
using test::ScratchFolder;
using Lines = std::vector<std::string>;

TEST_CASE("a route reads its match, its carriers in order, and takes its name from what it matches") {
  const ScratchFolder folder;
  const auto loaded = folder.load(carrier_named("primary") + carrier_named("backup") + R"(
[[route]]
match = { prefix = "+374", purpose = "login" }
carriers = ["primary", { name = "backup", weight = 3 }]
failover_after_seconds = 5
[[route]]
carriers = ["backup"]
)");
  CHECK(folder.complaints(loaded).empty());
  const auto& routes = loaded.settings.routes;
  REQUIRE(routes.size() == 2);
  CHECK(routes[0].name == "+374");
  CHECK(routes[0].purpose == "login");
  CHECK(routes[0].carriers == std::vector<RouteCarrier>{{"primary", 0}, {"backup", 3}});
  CHECK(routes[0].failover_after == Seconds{5});
  CHECK(routes[1].name == "default");
  CHECK(routes[1].failover_after == Seconds{8});
}

TEST_CASE("a route to an unknown carrier is refused with the carrier that was probably meant") {
  const ScratchFolder folder;
  CHECK(
      folder.complaints(carrier_named("primary") + "[[route]]\ncarriers = [\"primray\", { name = \"x\" }]\n") ==
      Lines{
          "xionid.toml:7:13: route.carriers = \"primray\": no carrier of that name\n  hint: did you mean \"primary\"?",
          "xionid.toml:7:33: route.carriers = \"x\": no carrier of that name\n  hint: known here: primary"});
}

TEST_CASE("a route's match is checked") {
  const ScratchFolder folder;
  const auto with_match = [&](const std::string& match) {
    return folder.complaints(carrier_named("a") + "[[route]]\nmatch = " + match + "\ncarriers = [\"a\"]\n");
  };
  CHECK(
      with_match("{ prefix = \"374\" }")
          .at(0)
          .starts_with("xionid.toml:7:20: route.match.prefix = \"374\": expected + and 1–15 digits, such as \"+374\""));
  CHECK(with_match("{ country = \"Armenia\" }").at(0).starts_with("xionid.toml:7:21: route.match.country"));
  CHECK(with_match("{ prefiks = \"+1\" }").at(0) ==
        "xionid.toml:7:11: route.match.prefiks: unknown key\n  hint: did you mean \"prefix\"?");
}

TEST_CASE("a route without carriers is refused") {
  const ScratchFolder folder;
  CHECK(folder.complaints("[[route]]\nname = \"r\"\n") == Lines{"xionid.toml:1:1: route.carriers is missing"});
  CHECK(folder.complaints("[[route]]\ncarriers = []\n")
            .at(0)
            .starts_with("xionid.toml:2:12: route.carriers = […]: expected one carrier at least"));
}

TEST_CASE("a route that can never be taken, and a carrier that no route uses, are warned about") {
  const ScratchFolder folder;
  const auto loaded = folder.load(carrier_named("a") + carrier_named("b") +
                                  "[[route]]\ncarriers = [\"a\"]\n[[route]]\ncarriers = [\"a\"]\n");
  CHECK(loaded.is_usable());
  CHECK(folder.complaints(loaded) == Lines{"xionid.toml:13:1: warning: route \"default\" is never taken\n"
                                           "  hint: the one at xionid.toml:11 has the same match and comes first"});
  bool is_told = false;
  for (const auto& finding : loaded.findings) {
    is_told = is_told ||
              (finding.line == 7 && finding.message == "carrier.name = \"b\": no route uses it" && !finding.is_error);
  }
  CHECK(is_told);
}

TEST_CASE("carriers of a route read their cost and hours, and wrong ones are refused with what would be right") {
  const ScratchFolder folder;
  const auto with_carrier = [&](const std::string& more) {
    return folder.load(carrier_named("a") + "[[route]]\ncarriers = [{ name = \"a\", " + more + " }]\n");
  };
  const auto loaded = with_carrier("cost = 0.02, hours = \"08:00-22:00 +04:00\"");
  CHECK(folder.complaints(loaded).empty());
  REQUIRE(loaded.settings.routes.size() == 1);
  CHECK(loaded.settings.routes[0].carriers[0].cost == 0.02);
  CHECK(to_string(*loaded.settings.routes[0].carriers[0].hours) == "08:00-22:00 +04:00");
  CHECK(folder.complaints(with_carrier("hours = \"08:00-22:00\"")).at(0).find("and its zone") != std::string::npos);
  CHECK(folder.complaints(with_carrier("cost = -1")).size() == 1);
}

TEST_CASE("a route takes its network's prefixes from [networks], and must find it there") {
  const ScratchFolder folder;
  const auto with_network = [&](const std::string& networks) {
    return folder.load(networks + carrier_named("a") +
                       "[[route]]\nmatch = { network = \"28301\" }\ncarriers = [\"a\"]\n");
  };
  const auto loaded = with_network("[networks]\n28301 = [\"+37491\", \"+37499\"]\n");
  CHECK(folder.complaints(loaded).empty());
  CHECK(loaded.settings.routes[0].name == "28301");
  CHECK(loaded.settings.routes[0].network_prefixes == std::vector<std::string>{"+37491", "+37499"});
  CHECK(folder.complaints(with_network("")).at(0).find("[networks] does not list it") != std::string::npos);
  CHECK(folder.complaints(with_network("[networks]\n28301 = [\"374\"]\n")).size() == 1);
  CHECK(folder.complaints(with_network("[networks]\nucom = [\"+37491\"]\n28301 = [\"+37491\"]\n")).size() == 1);
}
