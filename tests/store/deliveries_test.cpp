// What waits for webhooks, and how it went with them: of every engine.
#include <doctest/doctest.h>

#include "engines.h"

#define ENGINES MemoryEngine, NearEngine, LmdbEngine, PlainEngine, SharedAsked, StormyEngine, PgAsked

using namespace xion;

namespace {

Webhook webhook_of(std::string id, AppId app) {
  Webhook webhook;
  webhook.id = std::move(id);
  webhook.app = app;
  webhook.url = "https://example.com/";
  return webhook;
}

template <typename E>
std::vector<std::uint64_t> due_at(E& engine, std::string_view webhook, WallTime until,
                                  std::vector<std::uint64_t> except = {}) {
  return engine.ask([&](Txn& txn) {
    std::vector<std::uint64_t> ids;
    for (const WebhookDelivery& delivery : txn.due_deliveries(webhook, until, 10, except)) ids.push_back(delivery.id);
    return ids;
  });
}

}  // namespace

ON_ENGINES("deliveries wait for each webhook by itself, the longest due first, also after a restart", ENGINES) {
  std::vector<std::uint64_t> ids;
  engine.run([&](Txn& txn) {
    ids.clear();
    for (const auto& webhook : {webhook_of("wh_a", 1), webhook_of("wh_b", 2)}) txn.put(webhook);
    for (int i = 0; i < 3; ++i) ids.push_back(txn.queue(webhook_of("wh_a", 1), "otp.created", "{}"));
    ids.push_back(txn.queue(webhook_of("wh_b", 2), "otp.created", "{}"));
  });
  for (int round = 0; round < 2; ++round) {
    CHECK(due_at(engine, "wh_a", noon) == std::vector{ids[0], ids[1], ids[2]});
    CHECK(due_at(engine, "wh_a", noon, {ids[0], ids[1]}) == std::vector{ids[2]});
    CHECK(due_at(engine, "wh_b", noon) == std::vector{ids[3]});
    CHECK(due_at(engine, "wh_c", noon).empty());
    const auto waiting = engine.ask([](Txn& txn) { return txn.waiting_deliveries(); });
    REQUIRE(waiting.size() == 2);
    CHECK(waiting[0].webhook == "wh_a");
    CHECK(waiting[0].app == 1);
    CHECK(waiting[0].count == 3);
    CHECK(waiting[1].count == 1);
    engine.reopen();
  }
}

ON_ENGINES("a delivery that failed is due again at its time and not before, and one that is over never", ENGINES) {
  std::vector<std::uint64_t> ids;
  engine.run([&](Txn& txn) {
    ids.clear();
    for (int i = 0; i < 2; ++i) ids.push_back(txn.queue(webhook_of("wh_a", 1), "otp.created", R"({"a":1})"));
  });
  engine.run([&](Txn& txn) {
    auto later = txn.waiting_delivery(ids[0]);
    REQUIRE(later);
    later->next_at = noon + Seconds{5};
    later->attempts = 1;
    txn.put(*later);
    auto made = txn.waiting_delivery(ids[1]);
    REQUIRE(made);
    made->state = DeliveryState::delivered;
    txn.put(*made);
  });
  for (int round = 0; round < 2; ++round) {
    CHECK(due_at(engine, "wh_a", noon + Seconds{4}).empty());
    CHECK(due_at(engine, "wh_a", noon + Seconds{5}) == std::vector{ids[0]});
    CHECK_FALSE(engine.ask([&](Txn& txn) { return txn.waiting_delivery(ids[1]); }).has_value());
    const auto over = engine.ask([&](Txn& txn) { return txn.delivery(ids[1]); });
    REQUIRE(over);
    CHECK(over->payload == R"({"a":1})");
    CHECK(engine.ask([](Txn& txn) { return txn.waiting_deliveries().front().count; }) == 1);
    engine.reopen();
  }
}

TEST_CASE("what a start does not read of what waits is read soon after, each delivery once, whatever became of it") {
  sim::MemoryKv disk;
  std::vector<std::uint64_t> ids;
  {
    LogEngine engine(disk);
    REQUIRE(engine.open(our_key, noon).has_value());
    commit_one(engine, [&](Txn& txn) {
      txn.put(webhook_of("wh_a", 1));
      for (int i = 0; i < 9; ++i) ids.push_back(txn.queue(webhook_of("wh_a", 1), "otp.created", "{}"));
    });
  }
  LogEngine engine(disk, {}, WaitingSizes{.at_start = 3, .piece = 2});
  REQUIRE(engine.open(our_key, noon).has_value());
  CHECK(engine.has_unread_waiting());
  std::uint64_t fresh = 0;
  commit_one(engine, [&](Txn& txn) {
    CHECK(txn.waiting_deliveries().front().count == 5);
    CHECK(txn.has_waiting_delivery());
    // One that is over before it was read, one that is put off, and a new one.
    auto over = txn.waiting_delivery(ids[7]);
    REQUIRE(over);
    over->state = DeliveryState::delivered;
    txn.put(*over);
    auto later = txn.waiting_delivery(ids[6]);
    REQUIRE(later);
    later->next_at = noon + Seconds{5};
    txn.put(*later);
    fresh = txn.queue(webhook_of("wh_a", 1), "otp.created", "{}");
  });
  CHECK(fresh > ids.back());
  for (int turns = 0; engine.has_unread_waiting(); ++turns) {
    REQUIRE(turns < 5);
    commit_one(engine, [](Txn&) {});
  }
  commit_one(engine, [&](Txn& txn) {
    REQUIRE(txn.waiting_deliveries().size() == 1);
    CHECK(txn.waiting_deliveries().front().count == 9);
    std::vector<std::uint64_t> due;
    for (const WebhookDelivery& one : txn.due_deliveries("wh_a", noon + Seconds{5}, 20, {})) due.push_back(one.id);
    CHECK(due == std::vector{ids[0], ids[1], ids[2], ids[3], ids[4], ids[5], ids[8], fresh, ids[6]});
  });
}

ON_ENGINES("a webhook's health is kept, and goes with it", ENGINES) {
  engine.run([](Txn& txn) {
    txn.put(webhook_of("wh_a", 1));
    WebhookHealth health;
    health.at(noon).delivered = 3;
    txn.put_webhook_health("wh_a", health);
  });
  engine.reopen();
  const auto delivered = [&] {
    return engine.ask([](Txn& txn) { return txn.webhook_health("wh_a").lately(noon).delivered; });
  };
  CHECK(delivered() == 3);
  engine.run([](Txn& txn) { txn.remove_webhook("wh_a"); });
  CHECK(delivered() == 0);
}

ON_ENGINES("an app's webhooks go with it", ENGINES) {
  engine.run([](Txn& txn) {
    App app;
    app.id = 1;
    app.name = "shop";
    txn.put(app);
    txn.put(webhook_of("wh_a", 1));
    txn.put(webhook_of("wh_b", 2));
    txn.remove_app(1);
  });
  const auto left = engine.ask([](Txn& txn) { return txn.webhooks(); });
  REQUIRE(left.size() == 1);
  CHECK(left[0].id == "wh_b");
}
