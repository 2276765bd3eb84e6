#include "app/send_rules.h"

#include <algorithm>
#include <utility>

#include "app/test_stories.h"
#include "smpp/text.h"

namespace xion {
namespace {

using namespace std::chrono;

/// Requests of test keys live beside the real ones, never among them: no purpose of the API can begin like this.
std::string kept_purpose(const SendPlan& plan) { return plan.is_test ? test_purpose(plan.request.purpose) : plan.request.purpose; }

std::uint32_t tag_of(const Fingerprint& phone) {
  return static_cast<std::uint32_t>(phone[0]) << 24 | static_cast<std::uint32_t>(phone[1]) << 16 |
         static_cast<std::uint32_t>(phone[2]) << 8 | phone[3];
}

Seconds longest(const RateRule& rule) { return rule.window; }
Seconds longest(std::span<const RateRule> rules) {
  Seconds window{0};
  for (const RateRule& rule : rules) window = std::max(window, rule.window);
  return window;
}

std::vector<WallTime> times_of(const std::vector<HistoryEntry>& entries) {
  std::vector<WallTime> times;
  times.reserve(entries.size());
  for (const HistoryEntry& entry : entries) times.push_back(entry.at);
  return times;
}

void refuse_rates(SendOutcome& outcome, std::vector<Violation> violations) {
  if (violations.empty()) return;
  outcome.verdict = SendVerdict::rate_limited;
  outcome.retry_after = std::max(outcome.retry_after, violations.front().retry_after);
  std::ranges::move(violations, std::back_inserter(outcome.violations));
}

/// So many locked requests lately that the phone itself is locked, and for how long still.
Seconds phone_locked_for(Txn& txn, const SendPlan& plan, const Fingerprint& phone) {
  const LimitSettings& limits = plan.policy.limits;
  if (limits.locks_per_phone.count == 0) return Seconds{0};
  const auto locks = times_of(txn.history({HistoryKind::locks_of_phone, plan.app, phone},
                                          plan.now - std::max(limits.locks_per_phone.window, limits.phone_lock)));
  const auto recent = std::ranges::count_if(locks, [&](WallTime at) { return at > plan.now - limits.locks_per_phone.window; });
  if (recent < limits.locks_per_phone.count) return Seconds{0};
  const WallTime until = *std::ranges::max_element(locks) + limits.phone_lock;
  return until > plan.now ? ceil<Seconds>(until - plan.now) : Seconds{0};
}

/// Phone, userIp and plan, in the order in which a caller would want to hear of them. True: allowed.
bool keeps_limits(Txn& txn, const SendPlan& plan, const Fingerprint& phone, const std::optional<Fingerprint>& user_ip, SendOutcome& outcome) {
  const LimitSettings& limits = plan.policy.limits;
  if (const Seconds wait = phone_locked_for(txn, plan, phone); wait > Seconds{0}) {
    outcome.verdict = SendVerdict::phone_locked;
    outcome.retry_after = wait;
    return false;
  }
  const auto of_phone = txn.history({HistoryKind::sends_of_phone, plan.app, phone}, plan.now - longest(limits.sends_per_phone));
  refuse_rates(outcome, check_rates("sends_per_phone", limits.sends_per_phone, times_of(of_phone), plan.now));
  if (user_ip) {
    const Seconds window = std::max(longest(limits.sends_per_user_ip), longest(limits.phones_per_user_ip));
    const auto of_ip = txn.history({HistoryKind::sends_of_user_ip, plan.app, *user_ip}, plan.now - window);
    refuse_rates(outcome, check_rates("sends_per_user_ip", limits.sends_per_user_ip, times_of(of_ip), plan.now));
    // The newest send to each other phone: one more phone is one more event.
    std::map<std::uint32_t, WallTime> phones;
    for (const HistoryEntry& entry : of_ip) {
      if (entry.tag != tag_of(phone)) phones[entry.tag] = std::max(phones[entry.tag], entry.at);
    }
    std::vector<WallTime> times;
    for (const auto& [tag, at] : phones) times.push_back(at);
    refuse_rates(outcome, check_rates("phones_per_user_ip", std::span(&limits.phones_per_user_ip, 1), times, plan.now));
  }
  return outcome.verdict == SendVerdict::sent;
}

/// The month's volume: charged with the send, in the same commit.
bool keeps_plan(Txn& txn, const SendPlan& plan, SendOutcome& outcome) {
  if (plan.policy.plan.sms_per_month == 0) return true;
  const std::uint64_t used = txn.counters(plan.app, month_of(plan.now))[static_cast<std::size_t>(Counter::sends)];
  if (used < plan.policy.plan.sms_per_month) return true;
  outcome.verdict = SendVerdict::plan_limit_reached;
  outcome.plan = plan.policy.plan.name;
  outcome.included = plan.policy.plan.sms_per_month;
  outcome.used = used;
  outcome.resets_at = next_month(plan.now);
  return false;
}

void count_both(Txn& txn, const SendPlan& plan, Counter counter) {
  txn.count(plan.app, day_of(plan.now), counter);
  txn.count(plan.app, month_of(plan.now), counter);
}

Otp new_otp(const SendPlan& plan, const Fingerprint& phone, const std::optional<Fingerprint>& user_ip, Vault& vault) {
  const SendRequest& request = plan.request;
  Otp otp;
  otp.id = plan.fresh_id;
  otp.app = plan.app;
  otp.test = plan.is_test;
  otp.phone = phone;
  otp.phone_sealed = vault.seal_phone(otp.id, request.phone.e164);
  otp.country = request.phone.country;
  otp.calling_prefix = request.phone.country_code;
  otp.purpose = kept_purpose(plan);
  otp.locale = request.locale;
  otp.text_template = request.text_template;
  otp.variables = request.variables;
  otp.app_hash = request.app_hash;
  otp.web_origin = request.web_origin;
  otp.sender = request.sender;
  otp.route = request.route;
  otp.reference = request.reference;
  otp.user_id = request.user_id;
  otp.metadata = request.metadata;
  otp.user_ip = user_ip;
  otp.salt = plan.salt;
  otp.code_length = request.code_length.value_or(plan.policy.otp.code_length);
  otp.created_at = plan.now;
  otp.expires_at = plan.now + request.ttl.value_or(plan.policy.otp.ttl);
  otp.attempts_allowed = plan.policy.otp.attempts;
  return otp;
}

void set_code(Otp& otp, Vault& vault) {
  const Secret code = otp.test ? test_code(otp.code_length) : vault.derive_code(otp.salt, otp.id, otp.generation, otp.code_length);
  otp.code_hash = vault.code_hash(otp.salt, otp.id, code);
}

std::optional<Otp> live_request(Txn& txn, const SendPlan& plan, const Fingerprint& phone) {
  const auto id = txn.live_otp({plan.app, phone, kept_purpose(plan)});
  auto otp = id ? txn.otp(*id) : std::nullopt;
  if (!otp) return std::nullopt;
  if (otp_rules::expire(*otp, plan.now)) {
    txn.put(*otp);
    if (!plan.is_test) txn.count(plan.app, day_of(plan.now), Counter::expired);
  }
  return otp_rules::is_live(*otp, plan.now) ? otp : std::nullopt;
}

}  // namespace

Day month_of(WallTime at) {
  const year_month_day date{floor<days>(at)};
  return -(static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month())));
}

WallTime next_month(WallTime at) {
  const year_month_day date{floor<days>(at)};
  const auto first = date.year() / date.month() / 1;
  return sys_days{first + months{1}};
}

SendDecision decide_send(Txn& txn, const SendPlan& plan, Vault& vault) {
  SendDecision decision;
  SendOutcome& outcome = decision.outcome;
  outcome.now = plan.now;
  outcome.route = plan.route;
  const Fingerprint phone = vault.phone_fingerprint(plan.request.phone.e164);
  std::optional<Fingerprint> user_ip;
  if (plan.request.user_ip) user_ip = vault.address_fingerprint(*plan.request.user_ip);

  std::optional<Otp> otp = live_request(txn, plan, phone);
  outcome.is_resend = otp.has_value();
  if (otp) {
    const auto resend = otp_rules::may_resend(*otp, plan.policy.limits.cooldown, plan.now);
    if (resend.verdict == otp_rules::ResendVerdict::cooldown_active && !plan.is_test) {
      outcome.verdict = SendVerdict::cooldown_active;
      outcome.retry_after = resend.retry_after;
      const auto wait = cooldown_after(plan.policy.limits.cooldown, otp->sends());
      outcome.violations = {{"cooldown", 1, wait, resend.retry_after}};
      outcome.otp = std::move(*otp);
      return decision;
    }
  }
  if (!plan.is_test && (!keeps_limits(txn, plan, phone, user_ip, outcome) || !keeps_plan(txn, plan, outcome))) return decision;

  if (!otp) {
    otp = new_otp(plan, phone, user_ip, vault);
    set_code(*otp, vault);
  } else if (plan.request.rotate.value_or(plan.policy.otp.resend_rotates)) {
    ++otp->generation;
    set_code(*otp, vault);
  }
  otp_rules::add_message(*otp, plan.now);
  if (plan.is_test) {
    play_test_story(*otp, plan.request.phone.e164, plan.now);
  } else {
    if (plan.carrier) {
      decision.outgoing = claim_message(*otp, otp->messages.size() - 1, plan.policy.text_name.value_or(plan.app_name), *plan.carrier, vault, plan.now);
    }
    count_both(txn, plan, Counter::sends);
    count_both(txn, plan, outcome.is_resend ? Counter::resends : Counter::requests);
  }
  if (outcome.is_resend) {
    txn.put(*otp);
  } else {
    txn.insert(*otp);
  }
  outcome.resend_available_at = otp_rules::resend_available_at(*otp, plan.policy.limits.cooldown);
  outcome.otp = std::move(*otp);
  return decision;
}

}  // namespace xion
