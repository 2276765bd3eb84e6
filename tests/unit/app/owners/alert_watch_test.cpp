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

}  // namespace xion
