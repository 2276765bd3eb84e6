#include "app/codes/send_guard.h"

#include <utility>

#include <fmt/format.h>

#include "base/json_writer.h"
#include "core/owners/send_rights.h"
#include "domain/txn.h"

namespace xion {
namespace {

ListedNumber listed_number(const SendPlan& plan, const Fingerprint& phone) {
  return {phone, plan.request.phone.e164, plan.request.phone.country};
}

std::string alert_data(const SendPlan& plan, const Otp& otp, const GuardFinding& finding) {
  JsonWriter json;
  json.begin_object().field("app", plan.app_name).field("country", otp.country);
  json.field("rule", finding.rule()).field("unverified", finding.used).field("allowed", finding.allowed);
  json.field("mode", plan.policy.guard.mode == GuardMode::enforce ? "enforce" : "record");
  json.field("requestId", to_string(otp.id)).end_object();
  return std::move(json).str();
}

}  // namespace

GuardedSend check_number(Txn& txn, const SendPlan& plan, const Fingerprint& phone) {
  GuardedSend checked;
  const ListedNumber number = listed_number(plan, phone);
  if (const auto block = txn.listed(ListKind::block, plan.app, number, plan.now)) {
    if (is_blocked(block, txn.listed(ListKind::allow, plan.app, number, plan.now))) {
      checked.verdict = SendVerdict::phone_blocked;
      checked.event = {plan.now, true, 0, fmt::format("phone_blocked: {}", to_string(block->subject))};
      return checked;
    }
  }
  switch (check_rights(plan.policy.rights, plan.request.phone)) {
    case RightsVerdict::allowed: break;
    case RightsVerdict::monitored:
      checked.event = {plan.now, false, 0, fmt::format("country_monitored: {}", plan.request.phone.country)};
      break;
    case RightsVerdict::country_not_allowed:
      checked.verdict = SendVerdict::country_not_allowed;
      checked.event = {plan.now, true, 0, "country_not_allowed"};
      break;
    case RightsVerdict::number_type_not_allowed:
      checked.verdict = SendVerdict::number_type_not_allowed;
      checked.event = {plan.now, true, 0,
                       fmt::format("number_type_not_allowed: {}", to_string(plan.request.phone.type))};
      break;
  }
  return checked;
}

GuardedSend check_pumping(Txn& txn, const SendPlan& plan, const Otp& otp) {
  GuardedSend checked;
  const GuardSettings& guard = plan.policy.guard;
  if (guard.mode == GuardMode::off) return checked;
  std::vector<GuardFinding> findings;
  for (const TrafficKey& key : traffic_keys(otp)) {
    for (GuardFinding& finding : check_traffic(guard, key.of, txn.traffic(key, plan.now)))
      findings.push_back(std::move(finding));
  }
  // Asked only now: nearly every send is covered, and needs no allow list.
  if (findings.empty() || txn.listed(ListKind::allow, plan.app, listed_number(plan, otp.phone), plan.now))
    return checked;
  const bool is_enforced = guard.mode == GuardMode::enforce;
  if (is_enforced) checked.verdict = SendVerdict::fraud_suspected;
  checked.event = {plan.now, is_enforced, 0, ""};
  if (std::ranges::any_of(findings, [](const GuardFinding& finding) { return guard_rule_bit(finding) == 0; })) {
    checked.event.reason = "fraud_suspected:";
    for (const GuardFinding& finding : findings) checked.event.reason += " " + finding.rule();
  }
  for (const GuardFinding& finding : findings) {
    if (checked.event.reason.empty()) checked.event.guard_rules |= guard_rule_bit(finding);
    // Told where a budget is just used up: under attack thousands of sends are beyond it.
    if (finding.used == finding.allowed)
      checked.notices.push_back({"fraud.alert", plan.app, plan.now, alert_data(plan, otp, finding),
                                 fmt::format("{} {}", finding.rule(), otp.country)});
  }
  return checked;
}

}  // namespace xion
