#include "app/codes/send_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "app/codes/admit_send.h"
#include "app/codes/end_users.h"
#include "app/codes/phone_lock.h"
#include "app/codes/resend.h"
#include "app/codes/send_guard.h"
#include "app/codes/send_waits.h"
#include "app/codes/spend.h"
#include "app/codes/test_stories.h"
#include "app/owners/network.h"
#include "base/assert.h"
#include "base/json_writer.h"
#include "core/otp/bound_code.h"
#include "core/otp/charges.h"
#include "core/otp/otp_record.h"
#include "core/otp/otp_rules.h"
#include "core/otp/world.h"
#include "core/owners/send_rights.h"
#include "domain/txn.h"
#include "smpp/text.h"

namespace xion {
namespace {

using namespace std::chrono;

/// Requests of test keys live beside the real ones, never among them: no purpose of the API can begin like this.
std::string kept_purpose(const SendPlan& plan) {
  const bool is_by_test_key = plan.is_test && plan.test_phone_code.empty();
  return is_by_test_key ? test_purpose(plan.request.purpose) : plan.request.purpose;
}

void refuse_rates(SendOutcome& outcome, std::vector<Violation> violations) {
  if (violations.empty()) return;
  outcome.verdict = SendVerdict::rate_limited;
  outcome.retry_after =
      std::max(outcome.retry_after, std::ranges::max_element(violations, {}, &Violation::retry_after)->retry_after);
  std::ranges::move(violations, std::back_inserter(outcome.violations));
}

/// Phone, end user and plan, in the order in which a caller would want to hear of them. True: allowed.
bool keeps_limits(Txn& txn, const SendPlan& plan, const Fingerprint& phone, const std::vector<EndUser>& users,
                  WallTime reset_at, SendOutcome& outcome) {
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
  for (const EndUser& user : users) refuse_rates(outcome, check_end_user(txn, plan, phone, user));
  return outcome.verdict == SendVerdict::sent;
}

/// The messages that a month may have; 0: no bound.
std::uint64_t included_in_month(const SendPlan& plan) {
  return plan.policy.plan.overage ? 0 : plan.policy.plan.sms_per_month;
}

/// Tells, once a month each, that 80, 90 or 100 % of the plan are used: this message was counted already.
void note_threshold(Txn& txn, const SendPlan& plan, SendOutcome& outcome) {
  const std::uint64_t included = plan.policy.plan.sms_per_month;
  const auto percent = txn.newly_reached(plan.app, month_of(plan.now), included);
  if (!percent) return;
  const std::uint64_t used = txn.counters(plan.app, month_of(plan.now))[static_cast<std::size_t>(Counter::sends)];
  JsonWriter json;
  json.begin_object().field("app", plan.app_name).field("plan", plan.policy.plan.name).field("percent", *percent);
  json.field("included", included)
      .field("used", used)
      .field("resetsAt", rfc3339(end_of(month_of(plan.now))))
      .end_object();
  outcome.notices.push_back({"usage.threshold", plan.app, plan.now, std::move(json).str(), {}});
}

/// Whether the month's volume has room for this message, which is charged when it is made. `is_overage`: the plan
/// includes it no more.
bool keeps_plan(Txn& txn, const SendPlan& plan, bool& is_overage, SendOutcome& outcome) {
  const Quota quota = txn.quota(plan.app, month_of(plan.now), included_in_month(plan));
  is_overage = quota.used >= plan.policy.plan.sms_per_month;
  if (quota.has_room) return true;
  // The last one may have been another node's, which did not know of all of them.
  note_threshold(txn, plan, outcome);
  outcome.verdict = SendVerdict::plan_limit_reached;
  outcome.plan = plan.policy.plan.name;
  outcome.included = plan.policy.plan.sms_per_month;
  outcome.used = quota.used;
  outcome.resets_at = end_of(month_of(plan.now));
  return false;
}

World world_of(const SendPlan& plan) { return {plan.app, plan.is_test}; }

/// What a message that is kept counts for. One of a test key is counted, and takes nothing of the plan.
void charge(Txn& txn, const SendPlan& plan, SendOutcome& outcome) {
  const AppId counted = world_of(plan).counted_as();
  const std::uint64_t included = plan.is_test ? 0 : included_in_month(plan);
  const bool is_charged = txn.take_quota(counted, month_of(plan.now), included);
  XION_ASSERT(is_charged);
  txn.count(counted, day_of(plan.now), Counter::sends);
  const Counter kind = outcome.is_resend ? Counter::resends : Counter::requests;
  txn.count(counted, day_of(plan.now), kind);
  txn.count(counted, month_of(plan.now), kind);
  if (!plan.is_test) note_threshold(txn, plan, outcome);
}

Otp new_otp(const SendPlan& plan, const Fingerprint& phone, const std::optional<Fingerprint>& user_ip, Vault& vault) {
  const SendRequest& request = plan.request;
  Otp otp;
  static_cast<KeptFields&>(otp) = request;
  otp.id = in_slot(plan.fresh_id, slot_of(phone));
  otp.app = plan.app;
  otp.test = plan.is_test;
  otp.phone = phone;
  otp.phone_sealed = vault.seal(otp.id, request.phone.e164);
  otp.country = request.phone.country;
  otp.calling_prefix = request.phone.country_code;
  otp.purpose = kept_purpose(plan);
  otp.route_taken = plan.route;
  otp.user_ip = user_ip;
  otp.number_block = number_block(request.phone.e164, vault);
  otp.salt = plan.salt;
  otp.code_length = request.code_length.value_or(plan.policy.otp.code_length);
  otp.created_at = plan.now;
  otp.expires_at = plan.now + request.ttl.value_or(plan.policy.otp.ttl);
  otp.attempts_allowed = plan.policy.otp.attempts;
  return otp;
}

/// The code of the request's generation: the caller's own, that of a test phone, zeros for a test key, or one of ours.
void set_code(Otp& otp, const SendPlan& plan, Vault& vault) {
  Secret code = plan.request.code;
  otp.own_code_sealed = code.empty() ? std::string() : seal_own_code(plan.seal_id, code, vault);
  if (otp.test && code.empty()) code = plan.test_phone_code;
  if (!code.empty())
    otp.code_length = static_cast<std::uint8_t>(code.reveal().size());
  else
    code = otp.test ? test_code(otp.code_length) : vault.derive_code(otp.salt, otp.id, otp.generation, otp.code_length);
  otp.code_hash = vault.code_hash(otp.salt, otp.id, bound_code(code, otp.bind));
}

/// Whether the URL that the request names is the app's to be called.
bool keeps_callback(Txn& txn, const SendPlan& plan, SendOutcome& outcome) {
  const std::string& url = plan.request.callback_url;
  if (url.empty() || callback_webhook(txn.webhooks(), plan.app, url) != nullptr) return true;
  outcome.verdict = SendVerdict::invalid_field;
  outcome.field = "callbackUrl";
  outcome.detail = "the URL of a callback webhook of this app, or one below it";
  return false;
}

/// The newest request of the phone for this purpose, live or not: the cooldown is the phone's, whatever became of it.
std::optional<Otp> newest_request(Txn& txn, const SendPlan& plan, const Fingerprint& phone) {
  const LiveKey key{plan.app, phone, kept_purpose(plan)};
  auto id = txn.live_otp(key);
  if (!id && !plan.is_test) id = txn.latest_otp(key);
  auto otp = id ? txn.otp(*id) : std::nullopt;
  if (otp && otp_rules::expire(*otp, plan.now) && !plan.is_dry_run) {
    txn.put(*otp);
    txn.count(world_of(plan).counted_as(), day_of(plan.now), Counter::expired);
  }
  return otp;
}

/// Whether the wait after the newest request's last message is over.
bool keeps_cooldown(const SendPlan& plan, const Otp& newest, WallTime reset_at, SendOutcome& outcome) {
  const std::vector<Seconds>& cooldown = plan.policy.limits.cooldown;
  Seconds wait = ceil<Seconds>(cooldown_over_at(newest, plan.policy.limits, reset_at) - plan.now);
  // A request has room for so many messages only.
  if (otp_rules::is_live(newest, plan.now))
    wait = std::max(wait, otp_rules::may_resend(newest, {}, plan.now).retry_after);
  if (wait <= Seconds{0}) return true;
  outcome.verdict = SendVerdict::cooldown_active;
  outcome.retry_after = wait;
  outcome.violations = {{"cooldown", 1, std::max(wait, cooldown_after(cooldown, newest.sends())), wait}};
  return false;
}

/// Plays a refusal that a test number asks for, with all that it would say.
void play_refusal(const SendPlan& plan, SendVerdict story, SendOutcome& outcome) {
  const LimitSettings& limits = plan.policy.limits;
  outcome.verdict = story;
  if (story == SendVerdict::cooldown_active) {
    outcome.retry_after = limits.cooldown.empty() ? Seconds{30} : limits.cooldown.front();
    outcome.violations = {{"cooldown", 1, outcome.retry_after, outcome.retry_after}};
  } else if (story == SendVerdict::rate_limited) {
    const RateRule rule = limits.sends_per_phone.empty() ? RateRule{5, Seconds{600}} : limits.sends_per_phone.front();
    outcome.retry_after = rule.window;
    outcome.violations = {{"sends_per_phone", rule.count, rule.window, rule.window}};
  } else if (story == SendVerdict::phone_locked) {
    outcome.retry_after = std::max(limits.phone_lock, Seconds{1});
  } else if (story == SendVerdict::plan_limit_reached) {
    outcome.plan = plan.policy.plan.name;
    outcome.included = outcome.used = plan.policy.plan.sms_per_month;
    outcome.resets_at = end_of(month_of(plan.now));
  }
}

/// Octets that a request takes in the log which was nothing but refused. Whoever floods us with those pays for no
/// message; so what only its text would have needed is not kept, nor what a client wrote where there is no room.
constexpr std::size_t refused_octets = 300;

void make_small(Otp& otp) {
  for (std::string* text : {&otp.text_pattern, &otp.text_template, &otp.app_hash, &otp.web_origin, &otp.locale})
    text->clear();
  otp.text_tlvs.clear();
  otp.variables.clear();
  otp.own_code_sealed.clear();
  otp.bind.clear();
  otp.metadata.clear();
  if (to_record(otp).size() > refused_octets) otp.callback_url.clear();
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
      known->test == plan.is_test && known->policy_events.size() < policy_events_max)
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

/// A refusal is an event of the live request, or of one that ended as it began. It charges nothing. Those that a test
/// key plays are kept as well: webhooks tell of them.
void keep_refusal(Txn& txn, const SendPlan& plan, std::optional<Otp> live, const Fingerprint& phone,
                  const std::optional<Fingerprint>& user_ip, PolicyEvent event, Vault& vault, SendOutcome& outcome) {
  if (outcome.verdict == SendVerdict::no_route_available) outcome.retry_after = Seconds{60};
  if (plan.is_dry_run) {
    if (live) outcome.otp = std::move(*live);
    return;
  }
  bool is_new = false;
  Otp otp = refused_request(txn, plan, std::move(live), phone, user_ip, outcome.verdict, vault, is_new);
  const bool has_room = otp.policy_events.size() < policy_events_max;
  if (has_room) {
    otp.policy_events.push_back(std::move(event));
    txn.count(world_of(plan).counted_as(), day_of(plan.now), Counter::blocked);
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

std::string_view to_string(SendVerdict verdict) {
  switch (verdict) {
    case SendVerdict::sent: return "";
    case SendVerdict::cooldown_active: return "cooldown_active";
    case SendVerdict::rate_limited: return "rate_limited";
    case SendVerdict::phone_locked: return "phone_locked";
    case SendVerdict::plan_limit_reached: return "plan_limit_reached";
    case SendVerdict::spend_cap_reached: return "spend_cap_reached";
    case SendVerdict::no_route_available: return "no_route_available";
    case SendVerdict::overloaded: return "overloaded";
    case SendVerdict::country_not_allowed: return "country_not_allowed";
    case SendVerdict::number_type_not_allowed: return "number_type_not_allowed";
    case SendVerdict::phone_blocked: return "phone_blocked";
    case SendVerdict::fraud_suspected: return "fraud_suspected";
    case SendVerdict::live_request_differs: return "live_request_differs";
    case SendVerdict::returned: return "returned";
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
  for (const EndUser& user : end_users(plan, vault))
    for (const HistoryKind kind : {HistoryKind::resets, user.kind})
      reads.history.push_back({kind, plan.app, user.name});
}

namespace {

/// One send on its way through the rules. Each step says whether it goes on; where it does not, the decision is made.
class Deciding {
 public:
  Deciding(Txn& txn, const SendPlan& plan, Vault& vault)
      : txn_(txn), plan_(plan), vault_(vault), phone_(vault.phone_fingerprint(plan.request.phone.e164)) {
    outcome_.now = plan.now;
    outcome_.route = plan.route;
    if (plan.request.user_ip) user_ip_ = vault.address_fingerprint(*plan.request.user_ip);
    if (plan.is_test && plan.test_phone_code.empty())
      story_ = refusal_of_story(plan.request.phone.e164).value_or(SendVerdict::sent);
    if (!plan.is_test) users_ = end_users(plan, vault);
  }

  SendDecision decide() {
    const bool goes_on = keeps_callback(txn_, plan_, outcome_) && fits_live_request() && has_text() &&
                         (plan_.is_test ? plays_on() : keeps_rules()) && is_believed();
    if (goes_on && plan_.is_dry_run)
      tell_dry_run();
    else if (goes_on)
      keep();
    return std::move(decision_);
  }

 private:
  bool rotates() const { return plan_.request.rotate.value_or(plan_.policy.otp.resend_rotates); }
  bool wants_pending() const { return plan_.request.returns_pending.value_or(plan_.policy.otp.returns_pending); }
  /// Whoever brings another code than the live one, or binds it to something else, asks for what was not sent.
  bool returns_pending() const {
    if (!wants_pending() || !otp_) return false;
    const auto differing = fixed_differences(*otp_, plan_.request, vault_);
    return std::ranges::none_of(differing, [](const auto& field) { return field == "code" || field == "bind"; });
  }

  bool refuse(PolicyEvent event) {
    keep_refusal(txn_, plan_, is_new_ ? std::nullopt : std::move(otp_), phone_, user_ip_, std::move(event), vault_,
                 outcome_);
    return false;
  }
  bool refuse_by_limit() { return refuse(refusal_by_limit(outcome_)); }

  /// What is told of the live request instead of a send; nothing of it is kept.
  bool tell_live(SendVerdict verdict) {
    outcome_.verdict = verdict;
    outcome_.violations.clear();
    outcome_.retry_after = Seconds{0};
    outcome_.is_resend = false;
    outcome_.resend_available_at = otp_rules::resend_available_at(*otp_, plan_.policy.limits.cooldown);
    outcome_.otp = std::move(*otp_);
    return false;
  }

  bool fits_live_request() {
    newest_ = newest_request(txn_, plan_, phone_);
    if (newest_ && otp_rules::is_live(*newest_, plan_.now)) otp_ = newest_;
    if (plan_.request.is_notice) otp_.reset();  // Each is a message of its own.
    is_new_ = !otp_;
    outcome_.is_resend = !is_new_;
    if (is_new_ || rotates()) return true;
    outcome_.fields = fixed_differences(*otp_, plan_.request, vault_);
    return outcome_.fields.empty() || tell_live(SendVerdict::live_request_differs);
  }

  /// What a resend says is known with its live request only.
  bool has_text() {
    std::optional<SendOutcome> fault = plan_.text_fault;
    if (!is_new_) {
      resent_ = with_new_values(*otp_);
      SendRequest shown = plan_.request;
      static_cast<KeptFields&>(shown) = *resent_;
      shown.ttl = life_of(*resent_);
      shown.code_length = resent_->code_length;
      fault = admit_text(shown, plan_.policy, plan_.app_name);
    }
    if (!fault) return true;
    fault->now = plan_.now;
    outcome_ = std::move(*fault);
    return false;
  }

  /// The live request as this send makes it.
  Otp with_new_values(Otp live) {
    if (take_new_values(live, plan_.request, plan_.policy.rights))
      take_text(live, plan_.request, text_of(plan_.texts.get(), live.text_template, live.locale, live.country));
    if (rotates()) take_fixed_values(live, plan_.request, plan_.now);
    return live;
  }

  bool keeps_rules() {
    number_ = check_number(txn_, plan_, phone_);
    if (number_.verdict != SendVerdict::sent) {
      outcome_.verdict = number_.verdict;
      return refuse(std::move(number_.event));
    }
    const WallTime reset_at = counted_since(txn_, plan_.app, phone_, plan_.now - days{1});
    if (newest_ && !keeps_cooldown(plan_, *newest_, reset_at, outcome_))
      return returns_pending() ? tell_live(SendVerdict::returned) : refuse_by_limit();
    return (keeps_limits(txn_, plan_, phone_, users_, reset_at, outcome_) &&
            keeps_plan(txn_, plan_, is_overage_, outcome_) && keeps_spend(txn_, plan_, outcome_)) ||
           refuse_by_limit();
  }

  /// The request that the story's cooldown names is made by its first send, as if that had been a moment ago.
  bool plays_on() {
    if (story_ == SendVerdict::cooldown_active && is_new_) return true;
    if (story_ == SendVerdict::cooldown_active && returns_pending()) return tell_live(SendVerdict::returned);
    if (story_ != SendVerdict::sent) {
      play_refusal(plan_, story_, outcome_);
      return refuse_by_limit();
    }
    if (is_new_) return true;
    // Tests have no cooldown, but a request has room for so many messages only.
    const auto full = otp_rules::may_resend(*otp_, {}, plan_.now);
    if (full.verdict == otp_rules::ResendVerdict::resend) return true;
    outcome_.verdict = SendVerdict::cooldown_active;
    outcome_.retry_after = full.retry_after;
    outcome_.violations = {{"cooldown", 1, full.retry_after, full.retry_after}};
    return refuse_by_limit();
  }

  /// By the pumping guard, which looks at the request as it would be.
  bool is_believed() {
    if (is_new_) {
      otp_ = new_otp(plan_, phone_, user_ip_, vault_);
      set_code(*otp_, plan_, vault_);
    }
    if (plan_.is_test) return true;
    GuardedSend guarded = check_pumping(txn_, plan_, is_new_ ? *otp_ : as_asked_now());
    outcome_.notices = std::move(guarded.notices);
    if (guarded.verdict != SendVerdict::sent) {
      outcome_.verdict = guarded.verdict;
      return refuse(std::move(guarded.event));
    }
    for (GuardedSend* noted : {&number_, &guarded}) {
      if (noted->has_event() && otp_->policy_events.size() < policy_events_max)
        otp_->policy_events.push_back(std::move(noted->event));
    }
    return true;
  }

  /// The live request, of the end user who asks for it now.
  Otp as_asked_now() const {
    Otp otp = *resent_;
    if (user_ip_) otp.user_ip = user_ip_;
    return otp;
  }

  /// A resend goes on with what it made of the live request, the events that were noted meanwhile with it.
  void take_resent() {
    resent_->policy_events = std::move(otp_->policy_events);
    otp_ = std::move(resent_);
  }

  void tell_dry_run() {
    outcome_.notices.clear();
    if (story_ != SendVerdict::sent) return play_story();
    if (!is_new_) take_resent();
    outcome_.otp = std::move(*otp_);
  }

  /// The message is kept, and claimed for the carrier that has room for it.
  void keep() {
    if (!is_new_) take_resent();
    if (!is_new_ && rotates()) {
      ++otp_->generation;
      set_code(*otp_, plan_, vault_);
    }
    otp_rules::add_message(*otp_, plan_.now);
    otp_rules::note_address(*otp_, user_ip_);
    price_message();
    if (plan_.is_test)
      play_test_story(*otp_, plan_.test_phone_code.empty() ? plan_.request.phone.e164 : "", plan_.now);
    else if (plan_.carrier)
      decision_.outgoing =
          claim_message(*otp_, otp_->messages.size() - 1, plan_.policy.text_name.value_or(plan_.app_name),
                        *plan_.carrier, vault_, plan_.now);
    if (decision_.outgoing) set_part_price(*otp_, otp_->messages.size() - 1, *plan_.prices, plan_.request.phone.e164);
    if (!is_new_) {
      txn_.put(*otp_);
    } else if (!txn_.insert(*otp_)) {
      decision_ = not_kept(plan_);
      return;
    }
    if (!plan_.is_test) {
      txn_.note_send(*otp_);
      note_end_users(txn_, plan_, phone_, users_);
    }
    charge(txn_, plan_, outcome_);
    outcome_.resend_available_at = otp_rules::resend_available_at(*otp_, plan_.policy.limits.cooldown);
    if (story_ != SendVerdict::sent) play_story();
    outcome_.otp = std::move(*otp_);
  }

  /// Whoever wants the live request instead of a refusal gets that which this send made, as if a moment ago.
  void play_story() {
    if (story_ == SendVerdict::cooldown_active && wants_pending())
      outcome_.verdict = SendVerdict::returned;
    else
      play_refusal(plan_, story_, outcome_);
  }

  /// Of what the newest message is charged, whoever takes it.
  void price_message() {
    if (otp_->currency.empty()) otp_->currency = plan_.prices->currency;
    otp_->messages.back().held = plan_.quote;
    otp_->messages.back().is_overage = is_overage_;
  }

  Txn& txn_;
  const SendPlan& plan_;
  Vault& vault_;
  const Fingerprint phone_;
  std::optional<Fingerprint> user_ip_;
  std::vector<EndUser> users_;             ///< Tests have none.
  SendVerdict story_ = SendVerdict::sent;  ///< The refusal that a test number asks for.
  std::optional<Otp> newest_;              ///< Of the phone and purpose, live or not.
  std::optional<Otp> otp_;                 ///< That the message is of.
  std::optional<Otp> resent_;              ///< The live one with what this send changes of it.
  bool is_new_ = true;
  bool is_overage_ = false;
  GuardedSend number_;
  SendDecision decision_;
  SendOutcome& outcome_ = decision_.outcome;
};

}  // namespace

SendDecision decide_send(Txn& txn, const SendPlan& plan, Vault& vault) { return Deciding(txn, plan, vault).decide(); }

}  // namespace xion
