#include "api/otp/answer_dry_run.h"

#include "api/otp/answer_send.h"
#include "app/codes/dry_run.h"
#include "core/tlv_text.h"

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

void write_limits(JsonWriter& json, const Call& call, const std::vector<RuleLeft>& left) {
  json.key("limits").begin_object().key("requestsLeft");
  if (const TokenBucket& requests = call.caller.app->requests; requests.rate() > 0)
    json.value(static_cast<std::uint64_t>(requests.tokens(call.services().loop.now())));
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
  json.end_array().end_object();
}

std::string render_dry_run(const Call& call, const DryRun& run) {
  const Phone& phone = run.request.phone;
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "dry_run").field("phone", phone.e164);
  json.field("country", phone.country).field("numberType", to_string(phone.type));
  json.field("isValidNumber", phone.is_valid).field("channel", "sms").field("ttlSeconds", run.ttl.count());
  json.field("text", run.text.reveal()).field("encoding", name_of(run.alphabet));
  json.field("segments", static_cast<std::uint64_t>(run.segments));
  if (!run.currency.empty()) json.field("price", shown_money(run.price)).field("currency", run.currency);
  json.key("sender");
  if (run.sender.empty())
    json.null();
  else
    json.value(run.sender);
  json.key("tlvs").begin_array();
  for (const SubmitTlv& each : run.tlvs) {
    json.begin_object().field("tag", shown_tlv_tag(each.tlv.tag)).field("value", shown_tlv_value(each.tlv.value));
    json.field("from", to_string(each.origin)).end_object();
  }
  json.end_array();
  write_route(json, run.decision);
  write_limits(json, call, run.left);
  json.field("test", run.is_test).end_object();
  return std::move(json).str();
}

}  // namespace

void answer_dry_run(CallPtr call, SendRequest request) {
  Services& services = call->services();
  const Caller caller = call->caller;
  std::string masked_phone = mask_phone(request.phone.e164, request.phone.country_code);
  dry_run(services, caller, std::move(request),
          [call = std::move(call), masked_phone = std::move(masked_phone)](std::optional<DryRun> run) {
            if (!run) return call->refuse(ErrorCode::store_unavailable, "The store can't be read; try again");
            if (run->outcome.verdict != SendVerdict::sent)
              return call->answer(answer_to_send(run->outcome, {masked_phone, call->caller.is_test}));
            call->answer(success(200, render_dry_run(*call, *run)));
          });
}

}  // namespace xion
