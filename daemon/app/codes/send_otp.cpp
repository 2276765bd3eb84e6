#include "app/codes/send_otp.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>

#include "app/codes/admit_send.h"
#include "app/codes/idempotent.h"
#include "app/codes/phone_watch.h"
#include "app/codes/send_rules.h"
#include "app/codes/spend.h"
#include "app/codes/test_stories.h"
#include "app/delivery/dispatcher.h"
#include "app/measures.h"
#include "app/owners/templates.h"
#include "app/traced.h"
#include "base/log.h"
#include "domain/txn.h"

namespace xion {
namespace {

OtpId fresh_id(Services& services, WallTime now) {
  std::array<std::uint8_t, 5> random{};
  services.entropy.fill(random);
  return make_otp_id(now, random);
}

/// Of several replies the first is given.
std::function<void(Reply)> first_of(ReplyTo reply) {
  return [reply = std::make_shared<ReplyTo>(std::move(reply))](Reply told) {
    if (*reply) std::exchange(*reply, nullptr)(std::move(told));
  };
}

/// The test phone that a number is, today; null: it is none.
const TestPhone* test_phone_of(const AppPolicy& policy, const std::string& e164, WallTime now) {
  const auto found = std::ranges::find_if(
      policy.test_phones, [&](const TestPhone& phone) { return phone.e164 == e164 && now < phone.until; });
  return found == policy.test_phones.end() ? nullptr : &*found;
}

/// Refusals that need no transaction: nothing is kept, charged or replayed.
std::optional<SendOutcome> refuse_at_once(Services& services, const Caller& caller, const SendRequest& request,
                                          WallTime now) {
  SendOutcome outcome;
  outcome.now = now;
  if (caller.is_test) {
    if (!has_no_route_by_story(request.phone.e164)) return std::nullopt;
    outcome.verdict = SendVerdict::no_route_available;
    outcome.retry_after = Seconds{60};
    return outcome;
  }
  if (services.dispatcher->is_overloaded()) {
    outcome.verdict = SendVerdict::overloaded;
    outcome.retry_after = Seconds{1};
    return outcome;
  }
  return std::nullopt;
}

/// The test number whose receipt comes late. Lost by a restart, like the rest of a test.
void play_late(Services& services, const OtpId& id, Seconds after) {
  auto timer = std::make_shared<std::unique_ptr<Timer>>();
  *timer = services.loop.timer([&services, id, timer] {
    run_task(
        services.store,
        [id, now = services.loop.wall_now()](Txn& txn) {
          auto otp = txn.otp(id);
          if (!otp) return false;
          play_late_receipt(*otp, now);
          txn.put(*otp);
          return true;
        },
        [](Commit, bool&) {});
    services.loop.post([timer] { timer->reset(); });
  });
  (*timer)->start(after);
}

/// What waits for the queue where nothing was claimed: known from the request, so that nothing need be unsealed.
DispatchItem queue_item(const SendPlan& plan, const Otp& otp) {
  DispatchItem item;
  item.otp = otp.id;
  item.message = static_cast<std::uint8_t>(otp.messages.size() - 1);
  item.app = otp.app;
  item.app_name = plan.app_name;
  item.e164 = plan.request.phone.e164;
  item.country = otp.country;
  item.purpose = otp.purpose;
  item.group = otp.route;
  item.expires_at = otp.expires_at;
  return item;
}

/// What became of a send, for those who follow the log or trace the phone.
void tell_log(Services& services, const SendPlan& plan, const SendOutcome& outcome) {
  const Phone& phone = plan.request.phone;
  const bool is_kept = outcome.otp.id != OtpId{};
  if (is_kept && !plan.test_phone_code.empty())
    log::info("otp.test_phone", "request={} app={} phone={}", to_string(outcome.otp.id), plan.app_name,
              mask_phone(phone.e164, phone.country_code));
  if (is_kept) services.phone_watch.note(phone.e164, outcome.otp.id);
  if (!log::is_enabled(log::Level::debug)) return;
  const std::string request = is_kept ? to_string(outcome.otp.id) : "none";
  const std::string masked = mask_phone(phone.e164, phone.country_code);
  if (outcome.verdict == SendVerdict::sent) {
    log::debug("otp.sent", "request={} app={} phone={} country={} route={} resend={}", request, plan.app_name, masked,
               outcome.otp.country, outcome.route, outcome.is_resend);
  } else {
    log::debug("otp.refused", "request={} app={} phone={} reason={}", request, plan.app_name, masked,
               to_string(outcome.verdict));
  }
}

}  // namespace

RouteQuery route_query(const std::string& app_name, const SendRequest& request) {
  return {.e164 = request.phone.e164,
          .country = request.phone.country,
          .app = app_name,
          .purpose = request.purpose,
          .group = request.route,
          .tried = {}};
}

std::optional<SendOutcome> plan_send(Services& services, const Caller& caller, SendRequest request, SendPlan& plan) {
  if (auto refused = admit_send(request, caller, *services.settings, *services.templates)) return refused;
  plan.text_fault = admit_text(request, caller.app->policy, caller.app->app.name);
  if (plan.text_fault && request.is_notice) return plan.text_fault;  // Which is no resend.
  plan.now = services.loop.wall_now();
  plan.app = caller.app->app.id;
  plan.app_name = caller.app->app.name;
  const TestPhone* test_phone =
      caller.is_test ? nullptr : test_phone_of(caller.app->policy, request.phone.e164, plan.now);
  const bool is_test = caller.is_test || test_phone != nullptr;
  const RouteSettings* route = is_test ? nullptr : services.dispatcher->route_for(route_query(plan.app_name, request));
  if (test_phone == nullptr) {
    if (auto refused = refuse_at_once(services, caller, request, plan.now)) return refused;
  } else {
    // A reviewer types the one code that he was told, whatever this send asks for.
    plan.test_phone_code = Secret(test_phone->code);
    request.code = Secret();
    request.code_length.reset();
  }
  plan.policy = caller.app->policy;
  plan.texts = services.templates->of(plan.app);
  plan.is_test = is_test;
  plan.fresh_id = fresh_id(services, plan.now);
  services.entropy.fill(plan.salt);
  if (!request.code.empty()) services.entropy.fill(plan.seal_id.octets);
  plan.route = route != nullptr ? route->name : is_test ? "test" : "";
  if (route != nullptr) plan.route_prefix = route->prefix;
  plan.request = std::move(request);
  plan.prices = services.settings.prices();
  plan.quote = quote_of(services, plan, route, *caller.app);
  return std::nullopt;
}

void send_otp(Services& services, const Caller& caller, SendRequest request, std::optional<IdempotencyUse> idempotency,
              Render<SendOutcome> render, ReplyTo reply) {
  auto plan = std::make_shared<SendPlan>();
  if (const auto refused = plan_send(services, caller, std::move(request), *plan)) {
    if (!caller.is_test && !is_inadmissible(refused->verdict)) services.measures.sent(*refused);
    reply({ReplyKind::answer, render(*refused)});
    return;
  }
  Reservation reservation;
  if (!plan->is_test) {
    const std::string& wanted = plan->request.carrier;
    reservation = wanted.empty() ? services.dispatcher->reserve(route_query(plan->app_name, plan->request))
                                 : services.dispatcher->reserve_at(wanted);
  }
  plan->carrier = reservation.carrier;

  struct Result {
    Answered<SendOutcome> answered;
    std::optional<Outgoing> outgoing;
  };
  // Who is told that nobody knows has its message sent all the same, where it was kept.
  const auto answer = first_of(std::move(reply));
  run_patiently(
      services.store,
      [plan, idempotency, render = std::move(render), &vault = services.store_vault](Txn& txn) {
        Result result;
        result.answered = answer_once<SendOutcome>(txn, idempotency, plan->now, render, [&] {
          SendDecision decision = decide_send(txn, *plan, vault);
          result.outgoing = std::move(decision.outgoing);
          return std::move(decision.outcome);
        });
        return result;
      },
      [&services, plan, reservation, span = tracing::current(), kept = traced::commit_begins(), answer](
          Commit commit, Result& result) mutable {
        const bool is_durable = commit == Commit::durable;
        traced::commit_ends(kept, is_durable);
        if (is_durable && result.answered.outcome.otp.id != OtpId{}) traced::made(span, result.answered.outcome.otp.id);
        const bool is_claimed = is_durable && result.outgoing.has_value();
        if (is_durable && result.answered.is_new) tell_log(services, *plan, result.answered.outcome);
        if (reservation.carrier) {
          services.dispatcher->settle(reservation, is_claimed ? std::move(result.outgoing) : std::nullopt);
        }
        if (is_durable && result.answered.is_new) {
          for (const Notice& notice : result.answered.outcome.notices) services.notices->tell(notice);
        }
        if (is_durable && result.answered.is_new && !plan->is_test && !is_inadmissible(result.answered.outcome.verdict))
          services.measures.sent(result.answered.outcome);
        if (is_durable && result.answered.is_new && result.answered.outcome.verdict == SendVerdict::sent) {
          const Otp& otp = result.answered.outcome.otp;
          if (otp.messages.size() > 1) services.dispatcher->withdraw(otp.id, otp.messages.size() - 1);
          if (!plan->is_test && !is_claimed) services.dispatcher->enqueue(queue_item(*plan, otp));
          if (const auto late = late_receipt_of_story(plan->request.phone.e164);
              plan->is_test && late && plan->test_phone_code.empty())
            play_late(services, otp.id, *late);
        }
        answer(is_durable ? std::move(result.answered.reply) : Reply{});
      },
      [answer] { answer(Reply{}); },
      [plan, idempotency, &vault = services.store_vault](Reads& reads) {
        if (idempotency) reads.answers.push_back(idempotency->key);
        foresee_send(reads, *plan, vault);
      });
}

}  // namespace xion
