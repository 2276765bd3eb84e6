#include <doctest/doctest.h>

#include <set>

#include "api/call/query.h"
#include "unit/api/api_desk.h"

namespace xion {
namespace {

std::string body_for(int n, const std::string& more = "") {
  return R"({"phone":"+3749912)" + std::to_string(1000 + n) + "\"" + more + "}";
}

/// The ids of all pages, in order.
std::vector<std::string> walk(ApiDesk& desk, const std::string& path, const std::string& key) {
  std::vector<std::string> ids;
  std::string cursor;
  for (int pages = 0; pages < 50; ++pages) {
    const Told page = desk.get(path + (cursor.empty() ? "" : "&cursor=" + cursor), key);
    REQUIRE(page.status == 200);
    for (const auto& item : *page.body.find("items")->array()) ids.push_back(*item.find("requestId")->text());
    const auto* next = page.body.find("nextCursor")->text();
    if (next == nullptr) return ids;
    cursor = *next;
  }
  FAIL("the pages have no end");
  return ids;
}

}  // namespace

TEST_CASE("the log is listed newest first, each request once, whatever the size of a page") {
  ApiDesk desk;
  std::vector<std::string> sent;
  for (int n = 0; n < 25; ++n) {
    sent.insert(sent.begin(), desk.send(body_for(n)).text("requestId"));
    desk.loop.run(Millis{5});
  }
  for (const char* limit : {"1", "7", "25", "100"})
    CHECK(walk(desk, std::string("/v1/otp?limit=") + limit, desk.live) == sent);
  CHECK(walk(desk, "/v1/otp?limit=5", desk.test).empty());
}

TEST_CASE("a page stays where it is while newer requests come") {
  ApiDesk desk;
  for (int n = 0; n < 4; ++n) {
    desk.send(body_for(n));
    desk.loop.run(Millis{5});
  }
  const Told first = desk.get("/v1/otp?limit=2", desk.live);
  const std::string cursor = first.text("nextCursor");
  const Told second = desk.get("/v1/otp?limit=2&cursor=" + cursor, desk.live);
  desk.send(body_for(9));
  CHECK(desk.get("/v1/otp?limit=2&cursor=" + cursor, desk.live).http.body == second.http.body);
}

TEST_CASE("each filter leaves what it says") {
  ApiDesk desk;
  const std::string a = desk.send(body_for(1, R"(,"reference":"order a+b")")).text("requestId");
  desk.loop.run(Millis{5});
  const std::string b = desk.send(R"({"phone":"+447400123456"})").text("requestId");
  desk.loop.run(Millis{5});
  desk.post("/v1/otp/" + a + "/cancel", "", desk.live);
  using Ids = std::vector<std::string>;
  const auto listed = [&](const std::string& query) { return walk(desk, "/v1/otp?limit=10&" + query, desk.live); };
  CHECK(listed("phone=%2B37499121001") == Ids{a});
  CHECK(listed("phone=+37499121001") == Ids{a});  // a + that nobody escaped
  CHECK(listed("phone=099121001&country=AM") == Ids{a});
  CHECK(listed("country=gb") == Ids{b});
  CHECK(listed("status=canceled") == Ids{a});
  CHECK(listed("status=pending") == Ids{b});
  CHECK(listed("reference=order%20a%2Bb") == Ids{a});
  CHECK(listed("delivery=delivered").empty());
  CHECK(listed("from=2026-02-12&to=2026-02-13") == Ids{b, a});
  CHECK(listed("to=2026-02-12").empty());
  CHECK(listed("from=2026-02-12T16:00:00%2B04:00") == Ids{b, a});
  desk.loop.run(std::chrono::seconds{400});
  CHECK(listed("status=expired") == Ids{b});
}

TEST_CASE("a wrong parameter is named, with what would be right") {
  ApiDesk desk;
  struct {
    const char* query;
    const char* code;
    const char* field;
  } const cases[] = {
      {"statuss=pending", "unknown_field", "statuss"},
      {"status=done", "invalid_field", "status"},
      {"status=pending&status=pending", "invalid_field", "status"},
      {"limit=0", "invalid_field", "limit"},
      {"limit=101", "invalid_field", "limit"},
      {"limit=-1", "invalid_field", "limit"},
      {"limit=", "invalid_field", "limit"},
      {"cursor=x", "invalid_field", "cursor"},
      {"from=yesterday", "invalid_field", "from"},
      {"from=2026-02-30", "invalid_field", "from"},
      {"to=2026-02-12T12:00:00", "invalid_field", "to"},
      {"country=ARM", "invalid_field", "country"},
      {"reference=%ZZ", "invalid_field", "query"},
      {"reference=%00", "invalid_field", "query"},
      {"reference=%FF%FE", "invalid_field", "query"},
      {"phone=12", "invalid_phone", "phone"},
  };
  for (const auto& [query, code, field] : cases) {
    CAPTURE(query);
    const Told told = desk.get(std::string("/v1/otp?") + query, desk.live);
    CHECK(told.code() == code);
    CHECK(told.text("field") == field);
  }
  CHECK(desk.get("/v1/otp?statuss=pending", desk.live).text("suggestion") == "status");
  CHECK(desk.get("/v1/usage?x=1", desk.live).code() == "unknown_field");
}

TEST_CASE("the numbers of the dashboard are those of the log") {
  ApiDesk desk;
  for (int n = 0; n < 3; ++n) {
    desk.send(body_for(n));
    desk.loop.run(Millis{5});
  }
  const std::string id = desk.send(R"({"phone":"+447400123456","ttlSeconds":60})").text("requestId");
  desk.post("/v1/otp/" + id + "/cancel", "", desk.live);
  desk.send(body_for(2));  // within the cooldown
  desk.post("/v1/otp/send", body_for(8), desk.test);
  const Told told = desk.get("/v1/stats?window=30d", desk.live);
  CHECK(told.status == 200);
  CHECK(told.number("requests") == 4);
  CHECK(told.number("sent") == 4);
  CHECK(told.number("pending") == 3);
  CHECK(told.number("canceled") == 1);
  CHECK(told.text("from") == "2026-01-14T00:00:00Z");
  CHECK(told.text("to") == "2026-02-13T00:00:00Z");
  CHECK(*told.body.find("blocked")->find("total")->whole() == 1);
  CHECK(*told.body.find("blocked")->find("byReason")->find("cooldown_active")->whole() == 1);
  CHECK(*told.body.find("latest")->find("requestId")->text() == id);
  const Told countries = desk.get("/v1/stats/countries", desk.live);
  CHECK(countries.body.find("items")->array()->size() == 2);
  CHECK(*countries.body.find("items")->array()->front().find("country")->text() == "AM");
  CHECK(*desk.get("/v1/stats/routes", desk.live).body.find("items")->array()->front().find("route")->text() ==
        "primary");
  CHECK(desk.get("/v1/stats/errors", desk.live).body.find("items")->array()->empty());
  CHECK(desk.get("/v1/stats/daily?window=3d", desk.live).body.find("items")->array()->size() == 3);
  CHECK(desk.get("/v1/stats/daily?window=24h", desk.live).text("field") == "window");
  CHECK(desk.get("/v1/stats?window=0d", desk.live).text("field") == "window");
  CHECK(desk.get("/v1/stats?window=30", desk.live).text("field") == "window");
  CHECK(desk.get("/v1/stats?from=2026-03-01&to=2026-02-01", desk.live).code() == "invalid_field");
}

TEST_CASE("24 hours are the current one and those before it, whatever the day, and hours add up to them") {
  ApiDesk desk;
  desk.send(body_for(0));  // noon
  desk.loop.run(Seconds{13 * 3'600});
  desk.send(body_for(1));
  desk.loop.run(Seconds{3'660});
  desk.send(body_for(2));
  const Told today = desk.get("/v1/stats?window=1d", desk.live), day = desk.get("/v1/stats?window=24h", desk.live);
  CHECK(today.number("sent") == 2);
  CHECK(day.number("sent") == 3);
  CHECK(day.text("window") == "24h");
  CHECK(day.text("from") == "2026-02-12T03:00:00Z");
  CHECK(day.text("to") == "2026-02-13T03:00:00Z");
  CHECK(*desk.get("/v1/stats/countries?window=24h", desk.live)
             .body.find("items")
             ->array()
             ->front()
             .find("sent")
             ->whole() == 3);
  CHECK(desk.get("/v1/stats?window=14h", desk.live).number("sent") == 2);
  const Told hours = desk.get("/v1/stats/hourly", desk.live);
  const auto& rows = *hours.body.find("items")->array();
  REQUIRE(rows.size() == 24);
  CHECK(*rows.back().find("hour")->text() == "2026-02-13T02:00:00Z");
  CHECK(*rows.back().find("sent")->whole() == 1);
  CHECK(*rows[22].find("sent")->whole() == 1);
  CHECK(*rows[9].find("hour")->text() == "2026-02-12T12:00:00Z");
  CHECK(*rows[9].find("sent")->whole() == 1);
  for (const auto* wrong : {"/v1/stats?window=49h", "/v1/stats?window=0h", "/v1/stats?window=24h&from=2026-02-12",
                            "/v1/stats/hourly?window=1d", "/v1/stats/hourly?window=24"}) {
    CAPTURE(wrong);
    CHECK(desk.get(wrong, desk.live).text("field") == "window");
  }
  CHECK(desk.get("/v1/stats/hourly?from=2026-02-12", desk.live).status == 400);
}

TEST_CASE("usage tells the plan, and the days add up to the month") {
  ApiDesk desk;
  desk.directory().add_app("small", "starter", {}, [](auto) {});
  desk.loop.run(Millis{10});
  const std::string key = desk.key({.app = "small", .scopes = 31, .is_test = false, .expires_in = {}, .networks = {}});
  for (int n = 0; n < 3; ++n) desk.post("/v1/otp/send", body_for(n), key);
  const Told told = desk.get("/v1/usage", key);
  CHECK(told.text("plan") == "starter");
  CHECK(told.number("included") == 1000);
  CHECK(told.number("used") == 3);
  CHECK(told.number("remaining") == 997);
  CHECK(told.text("resetsAt") == "2026-03-01T00:00:00Z");
  const Told days = desk.get("/v1/usage/daily", key);
  const auto& rows = *days.body.find("items")->array();
  CHECK(rows.size() == 12);
  CHECK(*rows.back().find("date")->text() == "2026-02-12");
  CHECK(*rows.back().find("used")->whole() == 3);
  CHECK(desk.get("/v1/usage", desk.live).body.find("included")->is_null());
}

TEST_CASE("the contract is served to anyone, in both notations") {
  ApiDesk desk;
  const Told json = desk.ask({HttpMethod::get, "/openapi.json", "", {}});
  CHECK(json.status == 200);
  CHECK(json.http.content_type == "application/json");
  CHECK(json.http.body.starts_with(R"({"openapi":"3.1.0")"));
  const Told yaml = desk.ask({HttpMethod::get, "/openapi.yaml", "", {}});
  CHECK(yaml.http.content_type == "application/yaml");
  CHECK(yaml.http.body.starts_with("openapi: 3.1.0"));
}

}  // namespace xion
