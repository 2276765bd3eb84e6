#include "app/codes/send_guard.h"

#include <algorithm>
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

std::string alert_data(const SendPlan& plan, const Otp& otp, const GuardFinding& finding, bool is_enforced) {
  JsonWriter json;
  json.begin_object().field("app", plan.app_name).field("country", otp.country);
  json.field("rule", finding.rule()).field("unverified", finding.used).field("allowed", finding.allowed);
  json.field("mode", is_enforced ? "enforce" : "record");
  json.field("requestId", to_string(otp.id)).end_object();
  return std::move(json).str();
}

/// An entry for the number or its prefix; one for a country or for all is not about numbers that cost.
bool is_named_on_allow_list(Txn& txn, const SendPlan& plan, const ListedNumber& number) {
  const auto entry = txn.listed(ListKind::allow, plan.app, number, plan.now);
  return entry && (entry->subject == ListSubject::phone || entry->subject == ListSubject::prefix);
}

}  // namespace

GuardedSend check_number(Txn& txn, const SendPlan& plan, const Fingerprint& phone) {
  GuardedSend checked;
  if (plan.route.empty()) {
    checked.verdict = SendVerdict::no_route_available;
    checked.event = {plan.now, true, 0, "no_route_available"};
    return checked;
  }
  const ListedNumber number = listed_number(plan, phone);
  if (const auto block = txn.listed(ListKind::block, plan.app, number, plan.now)) {
    if (is_blocked(block, txn.listed(ListKind::allow, plan.app, number, plan.now))) {
      checked.verdict = SendVerdict::phone_blocked;
      checked.event = {plan.now, true, 0, fmt::format("phone_blocked: {}", to_string(block->subject))};
      return checked;
    }
  }
  RightsVerdict verdict = check_rights(plan.policy.rights, plan.request.phone, plan.route_prefix);
  if (verdict == RightsVerdict::number_type_not_allowed && is_costly(plan.request.phone) &&
      is_named_on_allow_list(txn, plan, number))
    verdict = RightsVerdict::allowed;
  switch (verdict) {
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
      checked.event = {
          plan.now, true, 0,
          fmt::format("number_type_not_allowed: {}",
                      plan.request.phone.country.empty() ? no_country_type : to_string(plan.request.phone.type))};
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
  const GuardStage stage = guard_stage(guard.mode, txn.first_verified(plan.app), plan.now);
  const bool is_enforced =
      stage.mode == GuardMode::enforce &&
      (!stage.is_untried || std::ranges::any_of(findings, [](const auto& found) { return found.budget != "hourly"; }));
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
      checked.notices.push_back({"fraud.alert", plan.app, plan.now, alert_data(plan, otp, finding, is_enforced),
                                 fmt::format("{} {}", finding.rule(), otp.country)});
  }
  return checked;
}

}  // namespace xion
