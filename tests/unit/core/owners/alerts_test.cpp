#include "core/owners/alerts.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace xion;
using namespace std::chrono_literals;

namespace {

constexpr WallTime alerts_began{Millis{1'770'897'600'000}};  // 2026-02-12T12:00:00Z

AlertReadings well() {
  AlertReadings readings;
  readings.app = "shop";
  readings.currency = "EUR";
  readings.delivery = {96, 100};
  readings.delivery_before = {672, 700};
  readings.verification = {80, 100};
  readings.verification_before = {560, 700};
  readings.used = 100;
  readings.included = 1000;
  readings.spends = {{"day", 1'000'000, 40'000'000}, {"month", 1'000'000, 0}};
  readings.webhooks = {{.id = "wh_1", .url = "https://example.com/hook", .error = {}}};
  return readings;
}

std::vector<std::string> types_of(const AlertDecision& decision) {
  std::vector<std::string> types;
  for (const AlertNews& news : decision.news) {
    std::string text(to_string(news.alert.kind));
    if (!news.alert.subject.empty()) text += " " + news.alert.subject;
    types.push_back(std::string(news.type) + " " + text);
  }
  return types;
}
using Types = std::vector<std::string>;

}  // namespace

TEST_CASE("where all is well nobody is told anything") {
  const auto decision = decide_alerts(well(), {}, alerts_began);
  CHECK(decision.open.empty());
  CHECK(decision.news.empty());
}

TEST_CASE("a delivery rate that is down is told once, and once that it is back") {
  AlertReadings bad = well();
  bad.delivery = {71, 100};
  auto decision = decide_alerts(bad, {}, alerts_began);
  REQUIRE(types_of(decision) == Types{"alert.raised delivery_rate"});
  CHECK(decision.news[0].alert.data == R"({"app":"shop","alert":"delivery_rate","since":"2026-02-12T12:00:00Z",)"
                                       R"("rate":0.71,"rateBefore":0.96,"messages":100})");
  const auto raised = decision.open;
  CHECK(decide_alerts(bad, raised, alerts_began + 1h).news.empty());
  CHECK(decide_alerts(bad, raised, alerts_began + 1h).open == raised);
  // The week before gets as bad as it is: it is still what it was then that counts.
  bad.delivery_before = {497, 700};
  CHECK(decide_alerts(bad, raised, alerts_began + 100h).news.empty());
  // Half way up is not back.
  bad.delivery = {90, 100};
  CHECK(decide_alerts(bad, raised, alerts_began + 101h).news.empty());
  bad.delivery = {92, 100};
  decision = decide_alerts(bad, raised, alerts_began + 102h);
  CHECK(types_of(decision) == Types{"alert.resolved delivery_rate"});
  CHECK(decision.open.empty());
  CHECK(decide_alerts(bad, decision.open, alerts_began + 103h).news.empty());
}

TEST_CASE("a rate is told of only where enough is known, the drop is large, and chance does not do it") {
  const auto is_told = [](RateReading now, RateReading before) {
    AlertReadings readings = well();
    readings.verification = now;
    readings.verification_before = before;
    return !decide_alerts(readings, {}, alerts_began).news.empty();
  };
  CHECK(is_told({30, 50}, {45, 50}));
  CHECK_FALSE(is_told({29, 49}, {630, 700}));  // Too few.
  CHECK_FALSE(is_told({60, 100}, {44, 49}));   // Nothing to hold it against.
  CHECK_FALSE(is_told({8110, 9000}, {900, 1000} /* 0.9 */));
  CHECK_FALSE(is_told({36, 50}, {42, 50}));      // Twelve points of so few are chance.
  CHECK_FALSE(is_told({100, 100}, {560, 700}));  // Better.
  CHECK_FALSE(is_told({0, 0}, {560, 700}));
}

TEST_CASE("a rate that nobody can tell any more is no trouble any more") {
  AlertReadings readings = well();
  readings.delivery = {0, 60};
  const auto raised = decide_alerts(readings, {}, alerts_began).open;
  REQUIRE(raised.size() == 1);
  readings.delivery = {0, 25};
  CHECK(decide_alerts(readings, raised, alerts_began + 1h).news.empty());
  readings.delivery = {0, 24};
  CHECK(types_of(decide_alerts(readings, raised, alerts_began + 2h)) == Types{"alert.resolved delivery_rate"});
}

TEST_CASE("a plan and a cap are told of at four fifths, and a plan without an end is not") {
  AlertReadings readings = well();
  readings.used = 799;
  readings.spends = {{"day", 31'999'999, 40'000'000}, {"month", 5'000'000'000, 0}};
  CHECK(decide_alerts(readings, {}, alerts_began).news.empty());
  readings.used = 800;
  readings.spends = {{"day", 32'000'000, 40'000'000}, {"month", 200'000'000, 250'000'000}};
  const auto decision = decide_alerts(readings, {}, alerts_began);
  CHECK(types_of(decision) == Types{"alert.raised plan_usage", "alert.raised spend day", "alert.raised spend month"});
  CHECK(decision.news[1].alert.data.ends_with(R"("period":"day","spent":"32.00","cap":"40.00","currency":"EUR"})"));
  AlertReadings tomorrow = readings;
  tomorrow.spends[0].spent = 0;
  CHECK(types_of(decide_alerts(tomorrow, decision.open, alerts_began + 12h)) == Types{"alert.resolved spend day"});
  readings.included = 0;
  CHECK(types_of(decide_alerts(readings, decision.open, alerts_began)) == Types{"alert.resolved plan_usage"});
}

TEST_CASE("a webhook is told of when it has failed for ten minutes, whatever restarts meanwhile") {
  AlertReadings readings = well();
  readings.webhooks[0] = {"wh_1", "https://example.com/hook", true, 503, "HTTP 503"};
  auto decision = decide_alerts(readings, {}, alerts_began);
  CHECK(decision.news.empty());
  REQUIRE(decision.open.size() == 1);
  const auto kept = alerts_from_record(to_record(decision.open));
  REQUIRE(kept == decision.open);
  CHECK(decide_alerts(readings, *kept, alerts_began + 599s).news.empty());
  decision = decide_alerts(readings, *kept, alerts_began + 600s);
  CHECK(types_of(decision) == Types{"alert.raised webhook_failing wh_1"});
  CHECK(decision.news[0].alert.data.contains(R"("since":"2026-02-12T12:00:00Z","webhook":"wh_1")"));
  // One that succeeded meanwhile was never told of.
  readings.webhooks[0].is_failing = false;
  CHECK(decide_alerts(readings, *kept, alerts_began + 60s).news.empty());
  CHECK(decide_alerts(readings, *kept, alerts_began + 60s).open.empty());
  // And one that was removed is over.
  readings.webhooks.clear();
  CHECK(types_of(decide_alerts(readings, decision.open, alerts_began + 1h)) ==
        Types{"alert.resolved webhook_failing wh_1"});
}

TEST_CASE("open alerts come back from their record as they went in, and no other octets do") {
  const std::vector<Alert> open{{AlertKind::delivery_rate, "", alerts_began, true, 0.9612, "{\"a\":1}"},
                                {AlertKind::spend, "day", alerts_began, false, 0, ""}};
  const std::string record = to_record(open);
  CHECK(alerts_from_record(record) == open);
  CHECK_FALSE(alerts_from_record(record + "x"));
  CHECK_FALSE(alerts_from_record(record.substr(0, record.size() - 1)));
  CHECK_FALSE(alerts_from_record("\x02"));
  CHECK_FALSE(alerts_from_record(""));
}
