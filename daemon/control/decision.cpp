#include "control/decision.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/limits/limits.h"

namespace xion::control {
namespace {

std::string_view name_of(smpp::Alphabet alphabet) {
  switch (alphabet) {
    case smpp::Alphabet::gsm7: return "gsm7";
    case smpp::Alphabet::gsm7packed: return "gsm7packed";
    case smpp::Alphabet::latin1: return "latin1";
    case smpp::Alphabet::ascii: return "ascii";
    case smpp::Alphabet::ucs2: return "ucs2";
  }
  return "";
}

const CarrierSettings* carrier_named(const Command& command, const std::optional<std::string>& name) {
  const auto& carriers = command.services.settings->carriers;
  const auto found = std::ranges::find(carriers, name.value_or(""), &CarrierSettings::name);
  return found == carriers.end() ? nullptr : &*found;
}

void write_refusal(JsonWriter& json, const SendOutcome& outcome) {
  json.field("verdict", to_string(outcome.verdict));
  if (outcome.retry_after.count() > 0) json.field("retryAfterSeconds", outcome.retry_after.count());
  json.key("violatedPolicies").begin_array();
  for (const Violation& violation : outcome.violations) json.value(violation.policy);
  json.end_array();
}

}  // namespace

void write_decision(JsonWriter& json, const Command& command, const DryRun& run) {
  if (run.outcome.verdict != SendVerdict::sent) return write_refusal(json, run.outcome);
  json.field("verdict", "sent").field("sender", run.sender).field("encoding", name_of(run.alphabet));
  json.field("segments", static_cast<std::uint64_t>(run.segments)).field("ttlSeconds", run.ttl.count());
  json.field("text", run.text.reveal());  // Zeros where the code will stand.
  json.key("limitsLeft").begin_array();
  for (const RuleLeft& each : run.left) json.value(fmt::format("{} of {}", each.left, to_string(each.rule)));
  json.end_array();
  if (!run.outcome.plan.empty()) {
    json.field("plan", run.outcome.plan)
        .field("planUsed", run.outcome.used)
        .field("planIncluded", run.outcome.included);
  }
  const CarrierSettings* carrier = carrier_named(command, run.decision.carrier);
  if (carrier == nullptr || carrier->tlvs.empty()) return;
  json.key("tlvs").begin_array();
  for (const smpp::Tlv& tlv : carrier->tlvs) json.value(fmt::format("0x{:04X}", tlv.tag));
  json.end_array();
}

}  // namespace xion::control
