#include "api/otp/dry_run.h"

#include <algorithm>

#include "api/otp/camara.h"
#include "api/otp/send_text.h"
#include "app/codes/send_rules.h"
#include "core/texts/message_text.h"
#include "core/texts/sender.h"
#include "core/texts/submit_tlvs.h"
#include "core/tlv_text.h"
#include "smpp/text.h"

namespace xion {
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

/// The carrier whose alphabet and parts the text is told for: the one that would take it now, else the route's first.
const CarrierSettings* likely_carrier(const Settings& settings, const RouteExplanation& decision) {
  std::string_view name;
  if (decision.carrier) {
    name = *decision.carrier;
  } else if (decision.route != nullptr && !decision.route->carriers.empty()) {
    name = decision.route->carriers.front().name;
  }
  const auto found = std::ranges::find(settings.carriers, name, &CarrierSettings::name);
  return found == settings.carriers.end() ? nullptr : &*found;
}

void write_text(JsonWriter& json, const Call& call, const SendRequest& request, const CarrierSettings* carrier) {
  const Secret text = text_with_zeros(request, call.caller);
  const auto encoded =
      carrier != nullptr
          ? smpp::encode_text(text.reveal(), carrier->default_alphabet, carrier->concat, 0, carrier->transliterate)
          : smpp::encode_text(text.reveal(), smpp::Alphabet::gsm7, smpp::Concat::udh8, 0, false);
  json.field("text", text.reveal()).field("encoding", name_of(encoded.alphabet));
  json.field("segments", static_cast<std::uint64_t>(encoded.segments.size()));
}

/// Who it comes from, as the handset shows it: the carrier's own rule decides last. Null: the carrier puts in its
/// number.
void write_sender(JsonWriter& json, const SendRequest& request, const CarrierSettings* carrier) {
  const std::string sender =
      carrier != nullptr ? source_address(*carrier, request.sender, request.phone.e164, request.phone.country).digits
                         : request.sender;
  json.key("sender");
  if (sender.empty())
    json.null();
  else
    json.value(sender);
}

/// What the submit_sm carries besides the text, and whose it is.
void write_tlvs(JsonWriter& json, const SendRequest& request, const CarrierSettings* carrier) {
  json.key("tlvs").begin_array();
  if (carrier != nullptr) {
    const SenderQuestion question{request.sender, request.phone.e164, request.phone.country};
    for (const SubmitTlv& each : submit_tlvs(*carrier, request.text_tlvs, question)) {
      json.begin_object().field("tag", shown_tlv_tag(each.tlv.tag)).field("value", shown_tlv_value(each.tlv.value));
      json.field("from", to_string(each.origin)).end_object();
    }
  }
  json.end_array();
}

void write_route(JsonWriter& json, const RouteExplanation& decision) {
  json.key("delivery").begin_object().key("route");
  if (decision.route == nullptr) {
    json.null();
  } else {
    json.value(decision.route->name);
  }
  json.key("carrier");
  if (!decision.carrier) {
    json.null();
  } else {
    json.value(*decision.carrier);
  }
  json.field("reason", decision.why_route).end_object();
}

/// One rule of `sends_per_phone` and how much of it is left.
struct RuleLeft {
  RateRule rule;
  std::uint32_t left = 0;
};

std::string render(const Call& call, const SendRequest& request, const std::vector<RuleLeft>& left) {
  const Services& services = call.services();
  const AppPolicy& policy = call.caller.app->policy;
  const RouteExplanation decision = services.carriers->explain({.e164 = request.phone.e164,
                                                                .country = request.phone.country,
                                                                .app = call.caller.app->app.name,
                                                                .purpose = request.purpose,
                                                                .group = request.route,
                                                                .tried = {}});
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "dry_run").field("phone", request.phone.e164);
  json.field("country", request.phone.country).field("numberType", to_string(request.phone.type));
  json.field("isValidNumber", request.phone.is_valid).field("channel", "sms");
  json.field("ttlSeconds", request.ttl.value_or(policy.otp.ttl).count());
  const CarrierSettings* carrier = likely_carrier(*services.settings, decision);
  write_text(json, call, request, carrier);
  write_sender(json, request, carrier);
  write_tlvs(json, request, carrier);
  write_route(json, decision);
  json.key("limits").begin_object().key("requestsLeft");
  if (const TokenBucket& requests = call.caller.app->requests; requests.rate() > 0)
    json.value(static_cast<std::uint64_t>(requests.tokens(services.loop.now())));
  else
    json.null();
  json.key("sendsPerPhone").begin_array();
  for (const RuleLeft& one : left) {
    json.begin_object()
        .field("limit", one.rule.count)
        .field("windowSeconds", one.rule.window.count())
        .field("left", one.left)
        .end_object();
  }
  json.end_array().end_object().field("test", call.caller.is_test).end_object();
  return std::move(json).str();
}

std::vector<RuleLeft> left_of(const std::vector<RateRule>& rules, const std::vector<HistoryEntry>& sends,
                              WallTime now) {
  std::vector<RuleLeft> left;
  for (const RateRule& rule : rules) {
    const auto used =
        std::ranges::count_if(sends, [&](const HistoryEntry& send) { return send.at > now - rule.window; });
    left.push_back({rule, rule.count - std::min(rule.count, static_cast<std::uint32_t>(used))});
  }
  return left;
}

}  // namespace

void dry_run(CallPtr call, SendRequest request) {
  Services& services = call->services();
  const std::string masked_phone = mask_phone(request.phone.e164, request.phone.country_code);
  auto plan = std::make_shared<SendPlan>();
  plan->is_dry_run = true;
  if (const auto refused = plan_send(services, call->caller, request, *plan))
    return call->answer(answer_to_send(*refused, masked_phone, call->caller.is_test));

  const std::vector<RateRule> rules = call->caller.app->policy.limits.sends_per_phone;
  Seconds longest{0};
  for (const RateRule& rule : rules) longest = std::max(longest, rule.window);
  const HistoryKey key{HistoryKind::sends_of_phone, call->caller.app->app.id,
                       services.loop_vault.phone_fingerprint(request.phone.e164)};
  struct Result {
    SendOutcome outcome;
    std::vector<RuleLeft> left;
  };
  run_task(
      services.store,
      [plan, key, rules, longest, &vault = services.store_vault](Txn& txn) -> Result {
        const auto sends = plan->is_test ? std::vector<HistoryEntry>() : txn.history(key, plan->now - longest);
        return {decide_send(txn, *plan, vault).outcome, left_of(rules, sends, plan->now)};
      },
      [call = std::move(call), request = std::move(request), masked_phone](Commit commit, Result& result) {
        if (commit == Commit::failed)
          return call->refuse(ErrorCode::store_unavailable, "The store can't be read; try again");
        if (result.outcome.verdict != SendVerdict::sent)
          return call->answer(answer_to_send(result.outcome, masked_phone, call->caller.is_test));
        call->answer(success(200, render(*call, request, result.left)));
      });
}

}  // namespace xion
