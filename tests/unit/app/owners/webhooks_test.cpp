#include "app/owners/webhooks.h"

#include <doctest/doctest.h>

#include "app/owners/webhook_admin.h"
#include "unit/desk.h"

namespace xion {
namespace {

/// Receivers that answer 200 at once.
class GladReceivers final : public HttpClient {
 public:
  explicit GladReceivers(Loop& loop) : loop_(loop) {}
  void post(OutgoingPost post, std::move_only_function<void(PostOutcome)> done) override {
    urls.push_back(post.url);
    loop_.post([done = std::move(done)]() mutable { done({200, {}}); });
  }
  std::vector<std::string> urls;

 private:
  Loop& loop_;
};

}  // namespace

TEST_CASE("the store is not asked for deliveries while there is no webhook, and is as soon as there is one") {
  Desk desk;
  const auto tasks_in = [&](Seconds span) {
    const auto before = desk.store->status().tasks;
    desk.loop.run(span);
    return desk.store->status().tasks - before;
  };
  GladReceivers receivers(desk.loop);
  const auto quiet = tasks_in(Seconds{20});
  Webhooks webhooks(desk.gateway.services(), receivers);
  desk.gateway.services().webhooks = &webhooks;
  webhooks.start();
  CHECK(tasks_in(Seconds{20}) <= quiet + 2);

  KeyWish wish;
  wish.app = "shop";
  desk.key(std::move(wish));
  std::optional<NewWebhook> made;
  add_webhook(desk.gateway.services(), "shop", "https://shop.example/hook", {}, [&](auto outcome) {
    REQUIRE(outcome.has_value());
    made = std::move(*outcome);
  });
  desk.loop.run(Millis{100});
  REQUIRE(made);
  const AppId app = made->webhook.app;
  run_task(*desk.store, [app](Txn& txn) { return txn.tell(app, "otp.created", "{}"), 0; }, [](Commit, int) {});
  desk.loop.run(Seconds{1});
  CHECK(receivers.urls == std::vector<std::string>{"https://shop.example/hook"});
  desk.gateway.services().webhooks = nullptr;
}

}  // namespace xion
