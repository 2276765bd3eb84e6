#include "app/codes/send_rules.h"

#include <doctest/doctest.h>

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
  plan.fresh_id = make_otp_id(DeskLoop::wall_began, std::array<std::uint8_t, 5>{1, 2, 3, 4, 5});
  plan.route = "primary";
  return plan;
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
