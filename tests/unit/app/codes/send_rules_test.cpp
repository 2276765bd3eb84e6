#include "app/codes/send_rules.h"

#include <doctest/doctest.h>

#include "unit/core/sample.h"
#include "unit/desk.h"

namespace xion {
namespace {

SendPlan plan_for(Desk& desk, const std::string& purpose) {
  SendPlan plan;
  plan.request.phone = *parse_phone("+37499123456");
  plan.request.purpose = purpose;
  plan.app = 1;
  plan.app_name = "shop";
  plan.now = desk.loop.wall_now();
  // The same for each: as if two drew one lot.
  plan.fresh_id = make_otp_id(sim::Agenda::wall_began, std::array<std::uint8_t, 5>{1, 2, 3, 4, 5});
  plan.route = "primary";
  return plan;
}

/// The app has a callback webhook that what `every_kept_field` names is below of.
void add_callback_webhook(Desk& desk) {
  run_task(
      *desk.store,
      [](Txn& txn) {
        Webhook webhook;
        webhook.id = "wh_0123456789abcdef";
        webhook.app = 1;
        webhook.url = "https://shop.example/";
        webhook.is_callback = true;
        txn.put(webhook);
        return 0;
      },
      [](Commit commit, int) { CHECK(commit == Commit::durable); });
  desk.loop.run(Millis{10});
}

struct Decided {
  SendDecision decision;
  std::uint64_t sends = 0;
};
Decided decide(Desk& desk, const SendPlan& plan) {
  Decided decided;
  run_task(
      *desk.store,
      [&](Txn& txn) {
        decided.decision = decide_send(txn, plan, desk.store_vault);
        decided.sends = txn.counters(1, month_of(plan.now))[static_cast<std::size_t>(Counter::sends)];
        return 0;
      },
      [](Commit commit, int) { CHECK(commit == Commit::durable); });
  desk.loop.run(Millis{10});
  return decided;
}

}  // namespace

TEST_CASE("a request's id tells the slot of its phone") {
  Desk desk;
  const auto first = decide(desk, plan_for(desk, "login"));
  REQUIRE(first.decision.outcome.verdict == SendVerdict::sent);
  CHECK(slot_of(first.decision.outcome.otp.id) == slot_of(desk.store_vault.phone_fingerprint("+37499123456")));
}

TEST_CASE("a new request keeps all that its send said, and a new code takes over all that is said with it") {
  Desk desk;
  add_callback_webhook(desk);
  SendPlan plan = plan_for(desk, "login");
  static_cast<KeptFields&>(plan.request) = sample::every_kept_field();
  const auto first = decide(desk, plan);
  REQUIRE(first.decision.outcome.verdict == SendVerdict::sent);
  CHECK(static_cast<const KeptFields&>(first.decision.outcome.otp) == sample::every_kept_field());

  plan.now += Seconds{60};  // Its cooldown is over, and it lives.
  KeptFields said = sample::every_kept_field("new ");
  said.text_pattern = "{code} {empty} {name} {amount} {payee}";
  static_cast<KeptFields&>(plan.request) = said;
  plan.request.brings_text = true;
  plan.request.rotate = true;
  const auto second = decide(desk, plan);
  REQUIRE(second.decision.outcome.verdict == SendVerdict::sent);
  CHECK(second.decision.outcome.is_resend);
  CHECK(static_cast<const KeptFields&>(second.decision.outcome.otp) == said);
}

TEST_CASE("a refused request keeps what tells whose it was, and nothing that only its text would have needed") {
  Desk desk;
  add_callback_webhook(desk);
  SendPlan plan = plan_for(desk, "login");
  plan.policy.limits.sends_per_phone = {{1, Seconds{600}}};
  REQUIRE(decide(desk, plan).decision.outcome.verdict == SendVerdict::sent);
  plan.request.purpose = "payment";
  plan.fresh_id = make_otp_id(plan.now, std::array<std::uint8_t, 5>{6, 7, 8, 9, 10});
  static_cast<KeptFields&>(plan.request) = sample::every_kept_field();
  const auto refused = decide(desk, plan);
  REQUIRE(refused.decision.outcome.verdict == SendVerdict::rate_limited);
  const KeptFields& kept = refused.decision.outcome.otp;
  KeptFields told;
  const KeptFields said = sample::every_kept_field();
  told.sender = said.sender;
  told.route = said.route;
  told.reference = said.reference;
  told.user_id = said.user_id;
  told.callback_url = said.callback_url;
  CHECK(kept == told);
}

TEST_CASE("where the id of a new request is taken nothing is sent or charged, and the caller may try again") {
  Desk desk;
  const auto first = decide(desk, plan_for(desk, "login"));
  REQUIRE(first.decision.outcome.verdict == SendVerdict::sent);
  CHECK(first.sends == 1);
  const auto second = decide(desk, plan_for(desk, "payment"));
  CHECK(second.decision.outcome.verdict == SendVerdict::overloaded);
  CHECK(second.decision.outcome.retry_after == Seconds{1});
  CHECK_FALSE(second.decision.outgoing.has_value());
  CHECK(second.sends == 1);
}

}  // namespace xion
