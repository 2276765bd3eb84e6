#include "app/owners/alert_watch.h"

#include <doctest/doctest.h>

#include <utility>

#include "domain/txn.h"
#include "unit/core/sample.h"
#include "unit/desk.h"

namespace xion {
namespace {

constexpr std::chrono::hours day_long{24};

void in_store(Desk& desk, std::function<void(Txn&)> act) {
  run_task(
      *desk.store,
      [act = std::move(act)](Txn& txn) {
        act(txn);
        return true;
      },
      [](Commit, bool&) {});
  desk.loop.run(Millis{20});
}

/// So many requests of an app, made from `begin` on, a minute apart; `verified` of them were, the others expired.
void requests(Desk& desk, AppId app, WallTime begin, int all, int verified) {
  in_store(desk, [=](Txn& txn) {
    for (int n = 0; n < all; ++n) {
      Otp otp = sample::otp();
      const auto at = begin + std::chrono::minutes{n};
      otp.id = make_otp_id(at, std::array<std::uint8_t, 5>{static_cast<std::uint8_t>(app), 2, 3, 4, 5});
      otp.app = app;
      otp.created_at = at;
      otp.expires_at = at + Seconds{300};
      otp.status = n < verified ? OtpStatus::verified : OtpStatus::expired;
      txn.insert(otp);
    }
  });
}

/// A message of now that arrived, and cost so much.
void message_at(Desk& desk, AppId app, Micros price) {
  in_store(desk, [app, price, now = desk.loop.wall_now()](Txn& txn) {
    Otp otp = sample::otp();
    otp.id = make_otp_id(now, std::array<std::uint8_t, 5>{1, 2, 3, 4, 5});
    otp.app = app;
    otp.created_at = now;
    otp.expires_at = now + Seconds{300};
    otp.currency = "EUR";
    otp.status = OtpStatus::verified;
    Message& message = otp.messages[0];
    message.queued_at = now;
    message.state = MessageState::delivered;
    Submission by;
    by.carrier = "primary";
    by.state = MessageState::delivered;
    by.at = now;
    by.segments = {{"id-" + to_string(otp.id), MessageState::delivered}};
    by.part_price = price;
    message.submissions = {by};
    txn.insert(otp);
  });
}

std::vector<std::string> alerts_told(Desk& desk, std::string webhook) {
  std::vector<std::string> types;
  in_store(desk, [&](Txn& txn) {
    for (const WebhookDelivery& one : txn.deliveries(webhook, {}, 100)) types.insert(types.begin(), one.type);
  });
  return types;
}

std::vector<Alert> open_of(Desk& desk, AppId app) {
  std::vector<Alert> open;
  read_alerts(*desk.store, app, [&](auto found) { open = found.value_or(std::vector<Alert>{}); });
  desk.loop.run(Millis{20});
  return open;
}

using AlertTypes = std::vector<std::string>;

}  // namespace

TEST_CASE("an owner is told once that fewer codes come back, whatever restarts, and the owner of another app nothing") {
  Desk desk;
  desk.directory().add_app("shop", "custom", {}, [](auto) {});
  desk.directory().add_app("other", "custom", {}, [](auto) {});
  desk.loop.run(Millis{10});
  const AppId shop = desk.directory().app_named("shop")->app.id, other = desk.directory().app_named("other")->app.id;
  in_store(desk, [&](Txn& txn) {
    txn.put(Webhook{.id = "wh_shop",
                    .app = shop,
                    .url = "https://example.com/a",
                    .types = {"alert.raised", "alert.resolved"},
                    .secrets = {},
                    .disabled = {}});
    txn.put(Webhook{.id = "wh_other",
                    .app = other,
                    .url = "https://example.com/b",
                    .types = {"alert.raised", "alert.resolved"},
                    .secrets = {},
                    .disabled = {}});
  });
  const WallTime now = desk.loop.wall_now();
  for (const AppId app : {shop, other}) requests(desk, app, now - 5 * day_long, 100, 80);
  requests(desk, other, now - std::chrono::hours{3}, 100, 80);
  requests(desk, shop, now - std::chrono::hours{3}, 100, 40);
  desk.loop.run(Seconds{30});
  const auto open = open_of(desk, shop);
  REQUIRE(open.size() == 1);
  CHECK(open[0].kind == AlertKind::verification_rate);
  CHECK(open[0].data.contains(R"("app":"shop","alert":"verification_rate")"));
  CHECK(open[0].data.contains(R"("rate":0.4,"rateBefore":0.8,"requests":100)"));
  CHECK(alerts_told(desk, "wh_shop") == AlertTypes{"alert.raised"});
  CHECK(alerts_told(desk, "wh_other").empty());
  // A gateway that starts over the same store knows it.
  Gateway again{{desk.loop, *desk.store, desk.entropy, desk.loop_vault, desk.store_vault, desk.only_node},
                desk.settings};
  again.start([](bool) {});
  desk.loop.run(Seconds{30});
  CHECK(alerts_told(desk, "wh_shop") == AlertTypes{"alert.raised"});
  // A day later nobody can tell any more.
  desk.loop.run(day_long + std::chrono::hours{4});
  CHECK(open_of(desk, shop).empty());
  CHECK(alerts_told(desk, "wh_shop") == AlertTypes{"alert.raised", "alert.resolved"});
}

TEST_CASE("what test keys do warns of nothing") {
  Desk desk;
  desk.directory().add_app("shop", "custom", {{"sms_per_month", "10"}}, [](auto) {});
  desk.loop.run(Millis{10});
  const AppId shop = desk.directory().app_named("shop")->app.id;
  const AppId of_tests = World{shop, true}.counted_as();
  requests(desk, of_tests, desk.loop.wall_now() - 5 * day_long, 100, 100);
  requests(desk, of_tests, desk.loop.wall_now() - std::chrono::hours{3}, 100, 0);
  in_store(desk, [&](Txn& txn) { txn.count(of_tests, month_of(desk.loop.wall_now()), Counter::sends, 10); });
  desk.loop.run(Seconds{30});
  CHECK(open_of(desk, shop).empty());
  in_store(desk, [&](Txn& txn) { txn.count(shop, month_of(desk.loop.wall_now()), Counter::sends, 8); });
  desk.loop.run(Seconds{30});
  REQUIRE(open_of(desk, shop).size() == 1);
  CHECK(open_of(desk, shop)[0].kind == AlertKind::plan_usage);
}

TEST_CASE("a webhook that fails for ten minutes is told of to the app's others, and when it is well again") {
  Desk desk;
  desk.directory().add_app("shop", "custom", {}, [](auto) {});
  desk.loop.run(Millis{10});
  const AppId shop = desk.directory().app_named("shop")->app.id;
  WebhookHealth health;
  in_store(desk, [&](Txn& txn) {
    txn.put(Webhook{.id = "wh_bad",
                    .app = shop,
                    .url = "https://example.com/bad?token=1",
                    .types = {"otp.failed"},
                    .secrets = {},
                    .disabled = {}});
    txn.put(Webhook{
        .id = "wh_good", .app = shop, .url = "https://example.com/good", .types = {}, .secrets = {}, .disabled = {}});
    health.failed_at = desk.loop.wall_now();
    health.last_status = 503;
    health.last_error = "HTTP 503";
    txn.put_webhook_health("wh_bad", health);
  });
  desk.loop.run(std::chrono::minutes{9});
  CHECK(open_of(desk, shop).empty());
  desk.loop.run(std::chrono::minutes{2});
  REQUIRE(open_of(desk, shop).size() == 1);
  const std::string data = open_of(desk, shop)[0].data;
  CHECK(data.contains(R"("webhook":"wh_bad","url":"https://example.com/bad?…","httpStatus":503,"error":"HTTP 503")"));
  health.delivered_at = desk.loop.wall_now();
  in_store(desk, [&](Txn& txn) { txn.put_webhook_health("wh_bad", health); });
  desk.loop.run(Seconds{30});
  CHECK(alerts_told(desk, "wh_good") == AlertTypes{"alert.raised", "alert.resolved"});
}

TEST_CASE("whoever of two thousand apps is in trouble is told of it as soon as who is alone") {
  Desk desk;
  for (int n = 0; n < 2000; ++n) desk.directory().add_app("app" + std::to_string(n), "starter", {}, [](auto) {});
  desk.loop.run(Seconds{30});
  REQUIRE(desk.directory().apps().size() == 2000);
  const AppId last = desk.directory().apps().back()->app.id;
  in_store(desk, [&](Txn& txn) { txn.count(last, month_of(desk.loop.wall_now()), Counter::sends, 999); });
  desk.loop.run(Seconds{15});
  CHECK(open_of(desk, last).size() == 1);
}

TEST_CASE("of many apps with traffic each is looked at, and each change of their figures is seen") {
  Desk desk;
  std::vector<AppId> apps;
  for (int n = 0; n < 22; ++n) desk.directory().add_app("app" + std::to_string(n), "custom", {}, [](auto) {});
  desk.loop.run(Seconds{1});
  for (const auto& entry : desk.directory().apps()) apps.push_back(entry->app.id);
  for (const AppId app : apps) requests(desk, app, desk.loop.wall_now() - 5 * day_long, 60, 54);
  for (const AppId app : apps) requests(desk, app, desk.loop.wall_now() - std::chrono::hours{3}, 60, 54);
  desk.loop.run(Seconds{15});
  for (const AppId app : apps) CHECK(open_of(desk, app).empty());
  for (const AppId app : apps) requests(desk, app, desk.loop.wall_now() - std::chrono::minutes{100}, 60, 10);
  desk.loop.run(Seconds{15});
  for (const AppId app : apps) CHECK(open_of(desk, app).size() == 1);
  // What was bad is older than a day, though no figure of these days changed since.
  desk.loop.run(std::chrono::hours{23});
  for (const AppId app : apps) CHECK(open_of(desk, app).empty());
}

TEST_CASE("a plan and what may be spent begin anew with their month and their day, whatever its length") {
  using namespace std::chrono;
  const year_month_day last_days[] = {2026y / January / 31, 2028y / February / 29, 2026y / December / 31};
  for (const sys_days last_day : last_days) {
    const std::string day = rfc3339(last_day);
    CAPTURE(day);
    Desk desk{last_day + 23h + 50min};
    Settings priced = desk.settings;
    priced.prices.currency = "EUR";
    desk.gateway.configure(priced);
    desk.directory().add_app("shop", "starter", {{"spend_per_day", "1"}, {"spend_per_month", "1"}}, [](auto) {});
    desk.loop.run(Seconds{1});
    const AppId shop = desk.directory().app_named("shop")->app.id;
    const auto use = [&] {
      in_store(desk, [&](Txn& txn) { txn.count(shop, month_of(desk.loop.wall_now()), Counter::sends, 800); });
      message_at(desk, shop, 900'000);
      desk.loop.run(Seconds{15});
    };
    use();
    CHECK(open_of(desk, shop).size() == 3);
    desk.loop.run(minutes{9});
    CHECK(month_of(desk.loop.wall_now()) == month_of(last_day));
    CHECK(open_of(desk, shop).size() == 3);
    desk.loop.run(minutes{1});
    CHECK(month_of(desk.loop.wall_now()) != month_of(last_day));
    CHECK(open_of(desk, shop).empty());
    // And what the new month uses counts for it, the day's alone for the day.
    use();
    CHECK(open_of(desk, shop).size() == 3);
    desk.loop.run(24h);
    const auto left = open_of(desk, shop);
    REQUIRE(left.size() == 2);
    CHECK(left[0].kind == AlertKind::plan_usage);
    CHECK(left[1].subject == "month");
  }
}

}  // namespace xion
