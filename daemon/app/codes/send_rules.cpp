#include "app/codes/send_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/codes/phone_lock.h"
#include "app/codes/send_guard.h"
#include "app/codes/test_stories.h"
#include "app/owners/network.h"
#include "base/assert.h"
#include "base/json_writer.h"
#include "core/owners/send_rights.h"
#include "domain/txn.h"
#include "smpp/text.h"

namespace xion {
namespace {

using namespace std::chrono;

/// Requests of test keys live beside the real ones, never among them: no purpose of the API can begin like this.
std::string kept_purpose(const SendPlan& plan) {
  return plan.is_test ? test_purpose(plan.request.purpose) : plan.request.purpose;
}

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

/// An end user's address, or the network that it is in: sends, and the different phones of them.
void check_origin(Txn& txn, const SendPlan& plan, const HistoryKey& origin, std::span<const RateRule> sends,
                  const RateRule& phones_rule, const Fingerprint& phone, SendOutcome& outcome) {
  const std::string_view of = origin.kind == HistoryKind::sends_of_user_ip ? "user_ip" : "user_net";
  const Seconds window = std::max(longest(sends), longest(phones_rule));
  const auto known = txn.history(origin, counted_since(txn, plan.app, origin.subject, plan.now - window));
  refuse_rates(outcome, check_rates(fmt::format("sends_per_{}", of), sends, times_of(known), plan.now));
  // The newest send to each other phone: one more phone is one more event.
  std::map<std::uint32_t, WallTime> phones;
  for (const HistoryEntry& entry : known) {
    if (entry.tag != tag_of(phone)) phones[entry.tag] = std::max(phones[entry.tag], entry.at);
  }
  std::vector<WallTime> times;
  for (const auto& [tag, at] : phones) times.push_back(at);
  refuse_rates(outcome, check_rates(fmt::format("phones_per_{}", of), std::span(&phones_rule, 1), times, plan.now));
}

/// Phone, userIp and plan, in the order in which a caller would want to hear of them. True: allowed.
bool keeps_limits(Txn& txn, const SendPlan& plan, const Fingerprint& phone, const std::optional<Fingerprint>& user_ip,
                  const std::optional<Fingerprint>& net, WallTime reset_at, SendOutcome& outcome) {
  const LimitSettings& limits = plan.policy.limits;
  if (const auto lock = phone_lock(txn, plan.app, limits, phone, plan.now)) {
    outcome.verdict = SendVerdict::phone_locked;
    outcome.retry_after = lock->wait;
    outcome.needs_operator = lock->needs_operator;
    return false;
  }
  const auto of_phone = txn.history({HistoryKind::sends_of_phone, plan.app, phone},
                                    std::max(plan.now - longest(limits.sends_per_phone), reset_at));
  refuse_rates(outcome, check_rates("sends_per_phone", limits.sends_per_phone, times_of(of_phone), plan.now));
  const auto overall = txn.history({HistoryKind::sends_of_phone_overall, Txn::every_app, phone},
                                   std::max(plan.now - longest(limits.sends_per_phone_overall), reset_at));
  refuse_rates(outcome,
               check_rates("sends_per_phone_overall", limits.sends_per_phone_overall, times_of(overall), plan.now));
  if (user_ip) {
    check_origin(txn, plan, {HistoryKind::sends_of_user_ip, plan.app, *user_ip}, limits.sends_per_user_ip,
                 limits.phones_per_user_ip, phone, outcome);
    if (net)
      check_origin(txn, plan, {HistoryKind::sends_of_user_net, plan.app, *net}, limits.sends_per_user_net,
                   limits.phones_per_user_net, phone, outcome);
  }
  return outcome.verdict == SendVerdict::sent;
}

/// The messages that a month may have; 0: no bound.
std::uint64_t included_in_month(const SendPlan& plan) {
  return plan.policy.plan.overage ? 0 : plan.policy.plan.sms_per_month;
}

/// Whether the month's volume has room for this message, which is charged when it is made.
bool keeps_plan(Txn& txn, const SendPlan& plan, SendOutcome& outcome) {
  const Quota quota = txn.quota(plan.app, month_of(plan.now), included_in_month(plan));
  if (quota.has_room) return true;
  outcome.verdict = SendVerdict::plan_limit_reached;
  outcome.plan = plan.policy.plan.name;
  outcome.included = plan.policy.plan.sms_per_month;
  outcome.used = quota.used;
  outcome.resets_at = next_month(plan.now);
  return false;
}

/// Tells, once a month each, that 80, 90 or 100 % of the plan are used: this message was counted already.
void note_threshold(Txn& txn, const SendPlan& plan, SendOutcome& outcome) {
  const std::uint64_t included = plan.policy.plan.sms_per_month;
  if (included == 0) return;
  const std::uint64_t used = txn.counters(plan.app, month_of(plan.now))[static_cast<std::size_t>(Counter::sends)];
  const auto percent = threshold_reached(included, used);
  if (!percent) return;
  JsonWriter json;
  json.begin_object().field("app", plan.app_name).field("plan", plan.policy.plan.name).field("percent", *percent);
  json.field("included", included).field("used", used).field("resetsAt", rfc3339(next_month(plan.now))).end_object();
  outcome.notices.push_back({"usage.threshold", plan.app, plan.now, std::move(json).str(), {}});
}

/// What a message that is kept counts for.
void charge(Txn& txn, const SendPlan& plan, SendOutcome& outcome) {
  const bool is_charged = txn.take_quota(plan.app, month_of(plan.now), included_in_month(plan));
  XION_ASSERT(is_charged);
  txn.count(plan.app, day_of(plan.now), Counter::sends);
  const Counter kind = outcome.is_resend ? Counter::resends : Counter::requests;
  txn.count(plan.app, day_of(plan.now), kind);
  txn.count(plan.app, month_of(plan.now), kind);
  note_threshold(txn, plan, outcome);
}

Otp new_otp(const SendPlan& plan, const Fingerprint& phone, const std::optional<Fingerprint>& user_ip, Vault& vault) {
  const SendRequest& request = plan.request;
  Otp otp;
  otp.id = in_slot(plan.fresh_id, slot_of(phone));
  otp.app = plan.app;
  otp.test = plan.is_test;
  otp.phone = phone;
  otp.phone_sealed = vault.seal_phone(otp.id, request.phone.e164);
  otp.country = request.phone.country;
  otp.calling_prefix = request.phone.country_code;
  otp.purpose = kept_purpose(plan);
  otp.locale = request.locale;
  otp.text_template = request.text_template;
  otp.text_pattern = request.text_pattern;
  otp.variables = request.variables;
  otp.app_hash = request.app_hash;
  otp.web_origin = request.web_origin;
  otp.sender = request.sender;
  otp.route = request.route;
  otp.route_taken = plan.route;
  otp.reference = request.reference;
  otp.user_id = request.user_id;
  otp.metadata = request.metadata;
  otp.user_ip = user_ip;
  otp.number_block = number_block(request.phone.e164, vault);
  otp.salt = plan.salt;
  otp.code_length = request.code_length.value_or(plan.policy.otp.code_length);
  otp.created_at = plan.now;
  otp.expires_at = plan.now + request.ttl.value_or(plan.policy.otp.ttl);
  otp.attempts_allowed = plan.policy.otp.attempts;
  return otp;
}

void set_code(Otp& otp, Vault& vault) {
  const Secret code =
      otp.test ? test_code(otp.code_length) : vault.derive_code(otp.salt, otp.id, otp.generation, otp.code_length);
  otp.code_hash = vault.code_hash(otp.salt, otp.id, code);
}

std::optional<Otp> live_request(Txn& txn, const SendPlan& plan, const Fingerprint& phone) {
  const auto id = txn.live_otp({plan.app, phone, kept_purpose(plan)});
  auto otp = id ? txn.otp(*id) : std::nullopt;
  if (!otp) return std::nullopt;
  if (otp_rules::expire(*otp, plan.now) && !plan.is_dry_run) {
    txn.put(*otp);
    if (!plan.is_test) txn.count(plan.app, day_of(plan.now), Counter::expired);
  }
  return otp_rules::is_live(*otp, plan.now) ? otp : std::nullopt;
}

/// Octets that a request takes in the log which was nothing but refused. Whoever floods us with those pays for no
/// message; so what only its text would have needed is not kept, nor what a client wrote where there is no room.
constexpr std::size_t refused_octets = 300;

void make_small(Otp& otp) {
  for (std::string* text : {&otp.text_pattern, &otp.text_template, &otp.app_hash, &otp.web_origin, &otp.locale})
    text->clear();
  otp.variables.clear();
  otp.metadata.clear();
  if (to_record(otp).size() > refused_octets) otp.user_id.clear();
  if (to_record(otp).size() > refused_octets) otp.reference.clear();
}

/// The request that a refusal goes to: the live one; within an hour that which was refused for the same; else its own.
Otp refused_request(Txn& txn, const SendPlan& plan, std::optional<Otp> live, const Fingerprint& phone,
                    const std::optional<Fingerprint>& user_ip, SendVerdict verdict, Vault& vault, bool& is_new) {
  is_new = false;
  if (live) return std::move(*live);
  const std::string_view reason = to_string(verdict);
  const auto before = txn.latest_refusal(plan.app, phone, reason);
  auto known = before ? txn.otp(*before) : std::nullopt;
  if (known && known->status == OtpStatus::blocked && known->reason == reason && known->phone == phone &&
      known->policy_events.size() < policy_events_max)
    return std::move(*known);
  is_new = true;
  Otp otp = new_otp(plan, phone, user_ip, vault);
  otp.status = OtpStatus::blocked;
  otp.reason = reason;
  otp.ended_at = plan.now;
  otp.expires_at = plan.now;
  make_small(otp);
  return otp;
}

/// A refusal is an event of the live request, or of one that ended as it began. It charges nothing.
void keep_refusal(Txn& txn, const SendPlan& plan, std::optional<Otp> live, const Fingerprint& phone,
                  const std::optional<Fingerprint>& user_ip, PolicyEvent event, Vault& vault, SendOutcome& outcome) {
  if (plan.is_test || plan.is_dry_run) {
    if (live) outcome.otp = std::move(*live);
    return;
  }
  bool is_new = false;
  Otp otp = refused_request(txn, plan, std::move(live), phone, user_ip, outcome.verdict, vault, is_new);
  const bool has_room = otp.policy_events.size() < policy_events_max;
  if (has_room) {
    otp.policy_events.push_back(std::move(event));
    txn.count(plan.app, day_of(plan.now), Counter::blocked);
  }
  if (is_new) {
    if (!txn.insert(otp)) return;  // Its id is taken: the refusal is told, and no request shows it.
  } else if (has_room) {
    txn.put(otp);
  }
  outcome.otp = std::move(otp);
}

/// Its id is taken: a code for it could never be verified, so none is sent. The next try has another id.
SendDecision not_kept(const SendPlan& plan) {
  SendDecision decision;
  decision.outcome.now = plan.now;
  decision.outcome.route = plan.route;
  decision.outcome.verdict = SendVerdict::overloaded;
  decision.outcome.retry_after = Seconds{1};
  return decision;
}

/// A refusal by a limit, for the timeline: the code, and which rule.
PolicyEvent refusal_by_limit(const SendOutcome& outcome) {
  std::string reason(to_string(outcome.verdict));
  if (!outcome.violations.empty()) reason.append(": ").append(outcome.violations.front().policy);
  return {outcome.now, true, 0, std::move(reason)};
}

}  // namespace

std::optional<Fingerprint> user_net(std::string_view user_ip, Vault& vault) {
  const auto address = parse_ip_address(user_ip);
  const auto net = address ? end_user_net_of(*address) : std::nullopt;
  if (!net) return std::nullopt;
  return vault.address_fingerprint(to_string(*net) + "/48");
}

std::uint32_t number_block(std::string_view e164, Vault& vault) {
  constexpr std::size_t digits_left_out = 4;
  if (e164.size() <= digits_left_out + 2) return 0;
  return std::max(tag_of(vault.phone_fingerprint(e164.substr(0, e164.size() - digits_left_out))), std::uint32_t{1});
}

Day month_of(WallTime at) {
  const year_month_day date{floor<days>(at)};
  return -(static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month())));
}

WallTime next_month(WallTime at) {
  const year_month_day date{floor<days>(at)};
  const auto first = date.year() / date.month() / 1;
  return sys_days{first + months{1}};
}

std::string_view to_string(SendVerdict verdict) {
  switch (verdict) {
    case SendVerdict::sent: return "";
    case SendVerdict::cooldown_active: return "cooldown_active";
    case SendVerdict::rate_limited: return "rate_limited";
    case SendVerdict::phone_locked: return "phone_locked";
    case SendVerdict::plan_limit_reached: return "plan_limit_reached";
    case SendVerdict::no_route_available: return "no_route_available";
    case SendVerdict::overloaded: return "overloaded";
    case SendVerdict::country_not_allowed: return "country_not_allowed";
    case SendVerdict::number_type_not_allowed: return "number_type_not_allowed";
    case SendVerdict::phone_blocked: return "phone_blocked";
    case SendVerdict::fraud_suspected: return "fraud_suspected";
    case SendVerdict::invalid_ttl: return "invalid_ttl";
    case SendVerdict::invalid_field: return "invalid_field";
    case SendVerdict::template_error: return "template_error";
    case SendVerdict::too_many_segments: return "too_many_segments";
  }
  return "";
}

void foresee_send(Reads& reads, const SendPlan& plan, Vault& vault) {
  const Fingerprint phone = vault.phone_fingerprint(plan.request.phone.e164);
  reads.live.push_back({plan.app, phone, kept_purpose(plan)});
  if (plan.is_test) return;
  reads.quotas.push_back({plan.app, month_of(plan.now)});
  for (const HistoryKind kind : {HistoryKind::resets, HistoryKind::locks_of_phone, HistoryKind::sends_of_phone})
    reads.history.push_back({kind, plan.app, phone});
  reads.history.push_back({HistoryKind::sends_of_phone_overall, Txn::every_app, phone});
  if (!plan.request.user_ip) return;
  const Fingerprint address = vault.address_fingerprint(*plan.request.user_ip);
  for (const HistoryKind kind : {HistoryKind::resets, HistoryKind::sends_of_user_ip})
    reads.history.push_back({kind, plan.app, address});
}

SendDecision decide_send(Txn& txn, const SendPlan& plan, Vault& vault) {
  SendDecision decision;
  SendOutcome& outcome = decision.outcome;
  outcome.now = plan.now;
  outcome.route = plan.route;
  const Fingerprint phone = vault.phone_fingerprint(plan.request.phone.e164);
  std::optional<Fingerprint> user_ip;
  if (plan.request.user_ip) user_ip = vault.address_fingerprint(*plan.request.user_ip);
  const auto net = plan.request.user_ip ? user_net(*plan.request.user_ip, vault) : std::nullopt;

  std::optional<Otp> otp = live_request(txn, plan, phone);
  outcome.is_resend = otp.has_value();
  const auto refused = [&](PolicyEvent event) {
    keep_refusal(txn, plan, std::move(otp), phone, user_ip, std::move(event), vault, outcome);
    return std::move(decision);
  };
  GuardedSend number, guarded;
  if (!plan.is_test) {
    number = check_number(txn, plan, phone);
    if (number.verdict != SendVerdict::sent) {
      outcome.verdict = number.verdict;
      return refused(std::move(number.event));
    }
    const WallTime reset_at = counted_since(txn, plan.app, phone, plan.now - days{1});
    if (otp) {
      const bool is_reset = otp->messages.back().queued_at < reset_at;
      const std::vector<Seconds> none;
      const auto resend = otp_rules::may_resend(*otp, is_reset ? none : plan.policy.limits.cooldown, plan.now);
      if (resend.verdict == otp_rules::ResendVerdict::cooldown_active) {
        outcome.verdict = SendVerdict::cooldown_active;
        outcome.retry_after = resend.retry_after;
        const auto wait = cooldown_after(plan.policy.limits.cooldown, otp->sends());
        outcome.violations = {{"cooldown", 1, wait, resend.retry_after}};
        return refused(refusal_by_limit(outcome));
      }
    }
    if (!keeps_limits(txn, plan, phone, user_ip, net, reset_at, outcome) || !keeps_plan(txn, plan, outcome))
      return refused(refusal_by_limit(outcome));
  }

  if (otp && plan.is_test) {
    // Tests have no cooldown, but a request has room for so many messages only.
    if (const auto full = otp_rules::may_resend(*otp, {}, plan.now); full.verdict != otp_rules::ResendVerdict::resend) {
      outcome.verdict = SendVerdict::cooldown_active;
      outcome.retry_after = full.retry_after;
      outcome.violations = {{"cooldown", 1, full.retry_after, full.retry_after}};
      return refused(refusal_by_limit(outcome));
    }
  }

  const bool is_new = !otp;
  if (!otp) {
    otp = new_otp(plan, phone, user_ip, vault);
    set_code(*otp, vault);
  }
  if (!plan.is_test) {
    guarded = check_pumping(txn, plan, *otp);
    outcome.notices = std::move(guarded.notices);
    if (guarded.verdict != SendVerdict::sent) {
      outcome.verdict = guarded.verdict;
      if (is_new) otp.reset();
      return refused(std::move(guarded.event));
    }
    for (GuardedSend* noted : {&number, &guarded}) {
      if (noted->has_event() && otp->policy_events.size() < policy_events_max)
        otp->policy_events.push_back(std::move(noted->event));
    }
  }
  if (plan.is_dry_run) {
    outcome.notices.clear();
    outcome.otp = std::move(*otp);
    return decision;
  }
  if (!is_new && plan.request.rotate.value_or(plan.policy.otp.resend_rotates)) {
    ++otp->generation;
    set_code(*otp, vault);
  }
  otp_rules::add_message(*otp, plan.now);
  if (plan.is_test) {
    play_test_story(*otp, plan.request.phone.e164, plan.now);
  } else if (plan.carrier) {
    decision.outgoing = claim_message(*otp, otp->messages.size() - 1, plan.policy.text_name.value_or(plan.app_name),
                                      *plan.carrier, vault, plan.now);
  }
  if (outcome.is_resend) {
    txn.put(*otp);
  } else if (!txn.insert(*otp)) {
    return not_kept(plan);
  }
  if (!plan.is_test) {
    txn.note_send(*otp);
    if (net) txn.note({HistoryKind::sends_of_user_net, plan.app, *net}, {plan.now, tag_of(phone)});
    charge(txn, plan, outcome);
  }
  outcome.resend_available_at = otp_rules::resend_available_at(*otp, plan.policy.limits.cooldown);
  outcome.otp = std::move(*otp);
  return decision;
}

}  // namespace xion
