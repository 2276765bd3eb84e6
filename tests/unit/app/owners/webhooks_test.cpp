#include "app/owners/webhooks.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "app/owners/webhook_admin.h"
#include "unit/desk.h"

namespace xion {
namespace {

/// Receivers that answer as a test says: by URL a status after a while, 0 being silence until the time limit; the
/// others 200 at once.
class Receivers final : public HttpClient {
 public:
  struct Habit {
    int status = 200;
    Millis after{0};
  };
  explicit Receivers(Loop& loop) : loop_(loop) {}
  void post(OutgoingPost post, std::move_only_function<void(PostOutcome)> done) override {
    urls.push_back(post.url);
    bodies.push_back(post.body);
    for (const auto& [name, value] : post.headers)
      if (name == "webhook-id") ids.push_back(value);
    const auto known = habits.find(post.url);
    const Habit habit = known == habits.end() ? Habit{} : known->second;
    most_at_once = std::max(most_at_once, ++at_once[post.url]);
    auto& timer = timers_.emplace_back();
    timer = loop_.timer([this, url = post.url, habit, done = std::move(done)]() mutable {
      --at_once[url];
      done({habit.status, habit.status == 0 ? "timed out" : ""});
    });
    timer->start(habit.status == 0 ? post.time_limit : habit.after);
  }
  std::size_t calls_to(std::string_view url) const { return static_cast<std::size_t>(std::ranges::count(urls, url)); }
  std::map<std::string, Habit> habits;
  std::vector<std::string> urls, bodies, ids;
  std::map<std::string, std::size_t> at_once;
  std::size_t most_at_once = 0;

 private:
  Loop& loop_;
  std::deque<std::unique_ptr<Timer>> timers_;
};

/// A desk with webhooks.
struct WebhookDesk {
  Desk desk;
  Receivers receivers{desk.loop};
  Webhooks webhooks{desk.gateway.services(), receivers};

  WebhookDesk() {
    desk.gateway.services().webhooks = &webhooks;
    webhooks.start();
  }
  ~WebhookDesk() { desk.gateway.services().webhooks = nullptr; }

  Webhook add(std::string app, std::string url, std::optional<std::int64_t> batch = {}) {
    KeyWish wish;
    wish.app = app;
    desk.key(std::move(wish));
    std::optional<Webhook> made;
    add_webhook(desk.gateway.services(), {.app = app, .url = std::move(url), .types = {}, .batch = batch},
                [&](auto outcome) {
                  REQUIRE(outcome.has_value());
                  made = outcome->webhook;
                });
    desk.loop.run(Millis{100});
    REQUIRE(made);
    return *made;
  }
  void tell(AppId app, int events) {
    run_task(
        *desk.store,
        [app, events](Txn& txn) {
          for (int i = 0; i < events; ++i) txn.tell(app, "otp.created", "{}");
          return 0;
        },
        [](Commit, int) {});
  }
  std::vector<WebhookStanding> standings() {
    std::vector<WebhookStanding> all;
    find_webhooks(desk.gateway.services(), {}, [&](auto found) { all = std::move(*found); });
    desk.loop.run(Millis{20});
    return all;
  }
};

}  // namespace

TEST_CASE("the store is not asked for deliveries while there is no webhook, and is as soon as there is one") {
  WebhookDesk on;
  const auto tasks_in = [&](Seconds span) {
    const auto before = on.desk.store->status().tasks;
    on.desk.loop.run(span);
    return on.desk.store->status().tasks - before;
  };
  on.webhooks.stop();
  const auto quiet = tasks_in(Seconds{20});
  WebhookDesk asked;
  const auto before = asked.desk.store->status().tasks;
  asked.desk.loop.run(Seconds{20});
  CHECK(asked.desk.store->status().tasks - before <= quiet + 2);

  const AppId app = asked.add("shop", "https://shop.example/hook").app;
  asked.tell(app, 1);
  asked.desk.loop.run(Seconds{1});
  CHECK(asked.receivers.urls == std::vector<std::string>{"https://shop.example/hook"});
}

TEST_CASE("a receiver that hangs with a thousand events keeps nobody else waiting") {
  WebhookDesk on;
  on.receivers.habits["https://hangs.example/"] = {0, {}};
  const AppId hanging = on.add("slow", "https://hangs.example/").app;
  const AppId quick = on.add("shop", "https://shop.example/").app;
  on.tell(hanging, 1'000);
  on.desk.loop.run(Seconds{1});
  on.tell(quick, 1'000);
  on.desk.loop.run(Seconds{1});
  CHECK(on.receivers.calls_to("https://shop.example/") == 1'000);
  CHECK(on.receivers.calls_to("https://hangs.example/") <= ReceiverPace::slots_first);
  on.desk.loop.run(std::chrono::minutes{30});
  CHECK(on.receivers.calls_to("https://hangs.example/") < 30);
  for (const WebhookStanding& standing : on.standings()) {
    if (standing.webhook.app != hanging) continue;
    CHECK(standing.receiver.is_resting);
    CHECK(standing.waiting == 1'001);  // And that it fails, which its owner is told.
    CHECK(standing.health.last_error == "timed out");
  }
}

TEST_CASE("a receiver that comes back gets all that waited, each once under its id") {
  WebhookDesk on;
  on.receivers.habits["https://shop.example/"] = {0, {}};
  const AppId app = on.add("shop", "https://shop.example/").app;
  on.tell(app, 500);
  on.desk.loop.run(std::chrono::minutes{2});
  on.receivers.habits.clear();
  on.receivers.ids.clear();
  on.desk.loop.run(std::chrono::hours{3});
  const std::set<std::string> told(on.receivers.ids.begin(), on.receivers.ids.end());
  CHECK(told.size() == 500);
  CHECK(on.receivers.ids.size() == 500);
  const auto standing = on.standings().front();
  CHECK(standing.waiting == 0);
  CHECK(standing.health.delivered_at.has_value());
}

TEST_CASE("calls at once grow while a receiver is quick, and few are left when it is slow") {
  WebhookDesk on;
  on.receivers.habits["https://shop.example/"] = {200, Millis{10}};
  const AppId app = on.add("shop", "https://shop.example/").app;
  on.tell(app, 2'000);
  on.desk.loop.run(Seconds{2});
  CHECK(on.receivers.most_at_once == ReceiverPace::slots_most);
  CHECK(on.receivers.urls.size() == 2'000);
  on.receivers.habits["https://shop.example/"] = {200, Millis{4'000}};
  on.tell(app, 2'000);
  on.desk.loop.run(Seconds{60});
  CHECK(on.receivers.at_once["https://shop.example/"] <= 2);
}

TEST_CASE("a webhook that wants batches gets up to so many events in a call, and those that fail come together again") {
  WebhookDesk on;
  on.receivers.habits["https://shop.example/"] = {500, {}};
  const AppId app = on.add("shop", "https://shop.example/", 100).app;
  on.tell(app, 250);
  on.desk.loop.run(Seconds{2});
  CHECK(on.receivers.urls.size() == 3);
  CHECK(on.receivers.bodies.front().starts_with(R"({"type":"batch")"));
  on.receivers.habits.clear();
  on.desk.loop.run(Seconds{10});
  CHECK(on.receivers.urls.size() == 6);
  CHECK(on.standings().front().health.lately(on.desk.loop.wall_now()).delivered == 250);
}

TEST_CASE("a webhook that was removed leaves nothing waiting") {
  WebhookDesk on;
  on.receivers.habits["https://gone.example/"] = {0, {}};
  const Webhook gone = on.add("shop", "https://gone.example/");
  on.add("other", "https://other.example/");
  on.tell(gone.app, 2'000);
  on.desk.loop.run(Millis{50});
  remove_webhook(on.desk.gateway.services(), gone.id, [](auto) {});
  on.desk.loop.run(Seconds{60});
  std::size_t waiting = 1;
  run_task(
      *on.desk.store, [](Txn& txn) { return txn.waiting_deliveries().size(); },
      [&](Commit, std::size_t& count) { waiting = count; });
  on.desk.loop.run(Millis{20});
  CHECK(waiting == 0);
}

}  // namespace xion
