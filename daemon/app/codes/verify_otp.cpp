#include "app/codes/verify_otp.h"

#include <algorithm>
#include <utility>

#include "app/codes/idempotent.h"
#include "app/codes/phone_lock.h"
#include "app/codes/send_waits.h"
#include "app/codes/test_stories.h"
#include "app/delivery/dispatcher.h"
#include "app/delivery/traced.h"
#include "base/bytes.h"
#include "base/log.h"
#include "core/otp/world.h"
#include "domain/txn.h"

namespace xion {
namespace {

using otp_rules::VerifyVerdict;

struct VerifyPlan {
  VerifyRequest request;
  AppId app = 0;
  LimitSettings limits;
  bool is_test = false;
  WallTime now{};
};

VerifyResult result_of(VerifyVerdict verdict) {
  switch (verdict) {
    case VerifyVerdict::verified: return VerifyResult::verified;
    case VerifyVerdict::invalid_code: return VerifyResult::invalid_code;
    case VerifyVerdict::code_expired: return VerifyResult::code_expired;
    case VerifyVerdict::code_used: return VerifyResult::code_used;
    case VerifyVerdict::code_canceled: return VerifyResult::code_canceled;
    case VerifyVerdict::code_locked: return VerifyResult::code_locked;
    case VerifyVerdict::no_active_code: return VerifyResult::no_active_code;
  }
  return VerifyResult::no_active_code;
}

std::string kept_purpose(const VerifyPlan& plan) {
  return plan.is_test ? test_purpose(plan.request.purpose) : plan.request.purpose;
}

/// The request that is meant: of this app and kind of key, and agreeing with every name that was given.
std::optional<Otp> find_request(Txn& txn, const VerifyPlan& plan, Vault& vault) {
  const std::string purpose = kept_purpose(plan);
  std::optional<Fingerprint> phone;
  if (plan.request.phone) phone = vault.phone_fingerprint(*plan.request.phone);
  std::optional<OtpId> id = plan.request.request_id;
  if (!id && phone) {
    const LiveKey key{plan.app, *phone, purpose};
    id = txn.live_otp(key);
    if (!id) id = txn.latest_otp(key);
  }
  auto otp = id ? txn.otp(*id) : std::nullopt;
  if (!otp || otp->app != plan.app || is_of_test_key(*otp) != plan.is_test || otp->purpose != purpose)
    return std::nullopt;
  if (phone && otp->phone != *phone) return std::nullopt;
  return otp;
}

void foresee_verify(Reads& reads, const VerifyPlan& plan, Vault& vault) {
  if (plan.request.request_id)
    reads.otps.push_back(*plan.request.request_id);
  else if (plan.request.phone)
    reads.live.push_back({plan.app, vault.phone_fingerprint(*plan.request.phone), kept_purpose(plan)});
  if (plan.is_test) return;
  if (plan.request.phone) {
    for (const HistoryKind kind : {HistoryKind::resets, HistoryKind::locks_of_phone})
      reads.history.push_back({kind, plan.app, vault.phone_fingerprint(*plan.request.phone)});
  }
  if (!plan.request.user_ip) return;
  const Fingerprint address = vault.address_fingerprint(*plan.request.user_ip);
  for (const HistoryKind kind : {HistoryKind::resets, HistoryKind::failed_verifies_of_user_ip})
    reads.history.push_back({kind, plan.app, address});
}

/// Only failures count, so that many people behind one address are no trouble.
bool keeps_failure_limit(Txn& txn, const VerifyPlan& plan, const HistoryKey& key, VerifyOutcome& outcome) {
  const RateRule& rule = plan.limits.failed_verifies_per_user_ip;
  const WallTime since = counted_since(txn, key.app, key.subject, plan.now - rule.window);
  std::vector<WallTime> times;
  for (const HistoryEntry& entry : txn.history(key, since)) times.push_back(entry.at);
  outcome.violations = check_rates("failed_verifies_per_user_ip", std::span(&rule, 1), times, plan.now);
  if (outcome.violations.empty()) return true;
  outcome.result = VerifyResult::rate_limited;
  outcome.retry_after = outcome.violations.front().retry_after;
  return false;
}

void count_verdict(Txn& txn, const World& world, WallTime now, VerifyVerdict verdict, OtpStatus before,
                   OtpStatus after) {
  const AppId counted = world.counted_as();
  const Day day = day_of(now);
  if (verdict == VerifyVerdict::verified) txn.count(counted, day, Counter::verified);
  if (verdict == VerifyVerdict::invalid_code) txn.count(counted, day, Counter::failed_attempts);
  if (before == after) return;
  if (after == OtpStatus::locked) txn.count(counted, day, Counter::locked);
  if (after == OtpStatus::expired) txn.count(counted, day, Counter::expired);
}

/// A code that could still verify is not even compared while its phone is locked: else a guesser would only have to
/// wait for the answer. What is over says so as ever.
bool is_phone_locked(Txn& txn, const VerifyPlan& plan, const Otp& otp, VerifyOutcome& outcome) {
  const auto lock = phone_lock(txn, plan.app, plan.limits, otp.phone, plan.now);
  if (!lock || !otp_rules::is_live(otp, plan.now)) return false;
  txn.write_decoy(plan.app);
  outcome.result = VerifyResult::phone_locked;
  outcome.id = otp.id;
  outcome.retry_after = lock->wait;
  outcome.needs_operator = lock->needs_operator;
  return true;
}

/// Wrong codes in a row, over requests and purposes; a verification ends the row.
void count_guess(Txn& txn, const VerifyPlan& plan, const Otp& otp, VerifyVerdict verdict) {
  if (verdict == VerifyVerdict::verified) return txn.forget_guesses(plan.app, otp.phone);
  if (verdict != VerifyVerdict::invalid_code) return;
  GuessRow row = txn.guesses(plan.app, otp.phone);
  ++row.wrong;
  row.last = plan.now;
  txn.put(row);
}

/// What can't be the code of a live request, a slip or a half-typed one, is no guess: nothing is counted.
VerifyOutcome not_a_code(const Otp& otp) {
  VerifyOutcome outcome;
  outcome.result = VerifyResult::invalid_code;
  outcome.id = otp.id;
  outcome.expires_at = otp.expires_at;
  outcome.attempts_remaining = otp.attempts_remaining();
  return outcome;
}

VerifyOutcome decide_verify(Txn& txn, const VerifyPlan& plan, Vault& vault) {
  VerifyOutcome outcome;
  std::optional<HistoryKey> failures;
  if (plan.request.user_ip && !plan.is_test) {
    failures = {HistoryKind::failed_verifies_of_user_ip, plan.app, vault.address_fingerprint(*plan.request.user_ip)};
    if (!keeps_failure_limit(txn, plan, *failures, outcome)) return outcome;
  }
  const Secret offered_code = bound_code(plan.request.code, plan.request.bind);
  auto otp = find_request(txn, plan, vault);
  if (!otp) {
    // The same work as for a request that exists, a durable commit included, so that the time taken tells nothing.
    const Digest wasted = vault.code_hash(std::array<std::uint8_t, 16>{}, OtpId{}, offered_code);
    txn.count(plan.app, day_of(plan.now), Counter::failed_attempts, 0);
    txn.write_decoy(plan.app);
    outcome.result =
        equal_in_constant_time(wasted, Digest{}) ? VerifyResult::invalid_code : VerifyResult::no_active_code;
    if (failures) txn.note(*failures, {plan.now, 0});
    return outcome;
  }
  if (!otp->test && is_phone_locked(txn, plan, *otp, outcome)) return outcome;
  if (otp_rules::is_live(*otp, plan.now) && plan.request.code.reveal().size() != otp->code_length)
    return not_a_code(*otp);
  const Digest offered = vault.code_hash(otp->salt, otp->id, offered_code);
  const bool is_right = equal_in_constant_time(offered, otp->code_hash);
  const OtpStatus before = otp->status;
  const std::size_t failed_before = otp->failed_attempts.size();
  const VerifyVerdict verdict = otp_rules::verify(*otp, is_right, plan.now);
  if (otp->status != before || otp->failed_attempts.size() != failed_before) {
    txn.put(*otp);
  } else {
    txn.write_decoy(plan.app);
    txn.count(plan.app, day_of(plan.now), Counter::failed_attempts, 0);
  }
  if (verdict == VerifyVerdict::verified) txn.note_verified(*otp);
  if (!otp->test) count_guess(txn, plan, *otp, verdict);
  count_verdict(txn, World{plan.app, otp->test}, plan.now, verdict, before, otp->status);
  if (verdict != VerifyVerdict::verified && failures) txn.note(*failures, {plan.now, 0});
  if (verdict == VerifyVerdict::verified) outcome.carriage = carriage_of(*otp);
  outcome.result = result_of(verdict);
  outcome.id = otp->id;
  // Asked of submissions, not messages: one may wait at a link while an earlier one has been delivered. And of a long
  // text a part may wait still whatever became of the others: not answered, refused late, delivered.
  outcome.is_on_a_link = std::ranges::any_of(otp->messages, [](const Message& message) {
    return std::ranges::any_of(message.submissions, [](const Submission& submission) {
      return submission.segments_expected > 1 || submission.state == MessageState::submitting ||
             submission.state == MessageState::unknown;
    });
  });
  outcome.verified_at = plan.now;
  outcome.expires_at = otp->expires_at;
  outcome.attempts_remaining = otp->attempts_remaining();
  if (outcome.result == VerifyResult::code_locked) {
    outcome.send_available_at = next_send_at(txn, plan.limits, *otp, plan.now);
    outcome.retry_after = std::chrono::ceil<Seconds>(outcome.send_available_at - plan.now);
  }
  return outcome;
}

}  // namespace

std::string_view to_string(VerifyResult result) {
  switch (result) {
    case VerifyResult::verified: return "verified";
    case VerifyResult::invalid_code: return "invalid_code";
    case VerifyResult::code_expired: return "code_expired";
    case VerifyResult::code_used: return "code_used";
    case VerifyResult::code_canceled: return "code_canceled";
    case VerifyResult::code_locked: return "code_locked";
    case VerifyResult::no_active_code: return "no_active_code";
    case VerifyResult::rate_limited: return "rate_limited";
    case VerifyResult::phone_locked: return "phone_locked";
  }
  return "verified";
}

void verify_otp(Services& services, const Caller& caller, VerifyRequest request,
                std::optional<IdempotencyUse> idempotency, Render<VerifyOutcome> render, ReplyTo reply) {
  const auto plan = std::make_shared<const VerifyPlan>(VerifyPlan{
      std::move(request), caller.app->app.id, caller.app->policy.limits, caller.is_test, services.loop.wall_now()});
  run_task(
      services.store,
      [plan, idempotency, render = std::move(render), &vault = services.store_vault](Txn& txn) {
        return answer_once<VerifyOutcome>(txn, idempotency, plan->now, render,
                                          [&] { return decide_verify(txn, *plan, vault); });
      },
      [&services, is_test = caller.is_test, span = tracing::current(), kept = traced::commit_begins(),
       reply = std::move(reply)](Commit commit, Answered<VerifyOutcome>& answered) mutable {
        const VerifyOutcome& outcome = answered.outcome;
        traced::commit_ends(kept, commit == Commit::durable);
        if (commit == Commit::durable && outcome.id) traced::met(span, *outcome.id);
        if (commit == Commit::durable && answered.is_new && !is_test) services.measures.verified(outcome);
        if (commit == Commit::durable && answered.is_new && outcome.carriage) {
          services.dispatcher->note_verification(*outcome.carriage, true);
        }
        const bool has_locked = outcome.result == VerifyResult::invalid_code && outcome.attempts_remaining == 0;
        if (commit == Commit::durable && outcome.is_on_a_link &&
            (outcome.result == VerifyResult::verified || has_locked)) {
          services.dispatcher->withdraw(*outcome.id);
        }
        if (commit == Commit::durable && answered.is_new && outcome.id && log::is_enabled(log::Level::debug)) {
          log::debug("otp.attempted", "request={} result={} attempts_remaining={}", to_string(*outcome.id),
                     to_string(outcome.result), outcome.attempts_remaining);
        }
        reply(commit == Commit::durable ? std::move(answered.reply) : Reply{});
      },
      [plan, idempotency, &vault = services.store_vault](Reads& reads) {
        if (idempotency) reads.answers.push_back(idempotency->key);
        foresee_verify(reads, *plan, vault);
      });
}

}  // namespace xion
