#include <fmt/format.h>

#include "api/call/verbs.h"
#include "api/otp/answer_dry_run.h"
#include "api/otp/answer_send.h"
#include "api/otp/send_fields.h"
#include "app/codes/send_otp.h"
#include "base/plural.h"

namespace xion::verbs {
namespace {

/// The members and their order are the contract's sample. Times are cut to whole seconds on the safe side: expiry down,
/// the next resend up.
StoredAnswer accepted(const SendOutcome& outcome, const AskedOfSend& asked, std::uint16_t http_status = 202) {
  const Otp& otp = outcome.otp;
  const std::string id = to_string(otp.id);
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "pending").field("requestId", id);
  json.field("phone", asked.masked_phone).field("country", otp.country).field("channel", "sms");
  json.field("ttlSeconds", std::int64_t{life_of(otp).count()});
  json.field("expiresAt", rfc3339(otp.expires_at)).field("resend", outcome.is_resend).field("sends", otp.sends());
  json.field("resendAvailableAt", rfc3339(std::chrono::ceil<Seconds>(outcome.resend_available_at)));
  json.field("attemptsRemaining", otp.attempts_remaining());
  json.key("delivery")
      .begin_object()
      .field("status", http_status == 202 ? "queued" : delivery_status(otp))
      .field("route", outcome.route)
      .end_object();
  json.field("test", asked.is_test || otp.test);
  if (!otp.reference.empty()) json.field("reference", otp.reference);
  if (!otp.metadata.empty()) {
    json.key("metadata").begin_object();
    for (const auto& [name, value] : otp.metadata) json.field(name, value);
    json.end_object();
  }
  json.end_object();
  return success(http_status, std::move(json).str(), fmt::format("/v1/otp/{}", id));
}

/// Names the request that the refusal is kept as, or an event of.
void name_request(Problem& problem, const SendOutcome& outcome) {
  if (outcome.otp.id != OtpId{}) problem.with("requestId", to_string(outcome.otp.id));
}

StoredAnswer cooling_down(const SendOutcome& outcome) {
  Problem problem(ErrorCode::cooldown_active,
                  fmt::format("A message was sent a moment ago; the next may go in {} s", outcome.retry_after.count()));
  tell_violations(problem, outcome.violations, outcome.retry_after);
  // Of the live one, if any: what was verified or canceled has its cooldown still, and no code that could be typed.
  if (outcome.otp.status != OtpStatus::blocked) name_request(problem, outcome);
  return std::move(problem).answer();
}

StoredAnswer over_rate(const SendOutcome& outcome) {
  Problem problem(ErrorCode::rate_limited, outcome.violations.empty() ? std::string("A limit is reached")
                                                                      : fmt::format("The limit {} is reached",
                                                                                    outcome.violations.front().policy));
  tell_violations(problem, outcome.violations, outcome.retry_after);
  name_request(problem, outcome);
  return std::move(problem).answer();
}

StoredAnswer over_plan(const SendOutcome& outcome) {
  Problem problem(ErrorCode::plan_limit_reached,
                  fmt::format("The plan {} includes {} a month", outcome.plan, counted(outcome.included, "message")));
  problem.with("plan", outcome.plan).with("included", outcome.included).with("used", outcome.used);
  problem.with("resetsAt", rfc3339(outcome.resets_at));
  name_request(problem, outcome);
  return std::move(problem).answer();
}

StoredAnswer over_cap(const SendOutcome& outcome) {
  const std::string cap = shown_money(outcome.cap);
  Problem problem(ErrorCode::spend_cap_reached,
                  fmt::format("The app's messages may cost {} {} a {}; this one would go beyond", cap, outcome.currency,
                              outcome.period));
  problem.with("period", outcome.period).with("cap", cap).with("spent", shown_money(outcome.spent));
  problem.with("price", shown_money(outcome.quote)).with("currency", outcome.currency);
  problem.with("resetsAt", rfc3339(outcome.resets_at));
  name_request(problem, outcome);
  return std::move(problem).answer();
}

StoredAnswer refused(ErrorCode code, std::string_view detail, const SendOutcome& outcome) {
  Problem problem(code, detail);
  name_request(problem, outcome);
  return std::move(problem).answer();
}

StoredAnswer refused_for(ErrorCode code, std::string_view detail, const SendOutcome& outcome) {
  Problem problem(code, detail);
  problem.retry_after(outcome.retry_after);
  name_request(problem, outcome);
  return std::move(problem).answer();
}

/// Names what can't change under the live request's code.
StoredAnswer differing(const SendOutcome& outcome) {
  Problem problem(ErrorCode::live_request_differs,
                  "A request lives for this phone and purpose with other values; give the same, none, or `resend`: "
                  "\"rotate\" for a new code");
  problem.json().key("fields").begin_array();
  for (const std::string& field : outcome.fields) problem.json().value(field);
  problem.json().end_array();
  name_request(problem, outcome);
  return std::move(problem).answer();
}

StoredAnswer locked(const SendOutcome& outcome) {
  Problem problem = phone_is_locked(outcome.retry_after, outcome.needs_operator);
  name_request(problem, outcome);
  return std::move(problem).answer();
}

/// What is wrong with the request itself, by the member that is at fault.
StoredAnswer inadmissible(ErrorCode code, const SendOutcome& outcome) {
  Problem problem(code, outcome.detail);
  if (!outcome.field.empty()) problem.with("field", outcome.field);
  if (!outcome.suggestion.empty()) problem.with("suggestion", outcome.suggestion);
  return std::move(problem).answer();
}

StoredAnswer too_long(const SendOutcome& outcome) {
  Problem problem(ErrorCode::too_many_segments, outcome.detail);
  problem.with("segments", outcome.segments).with("limit", outcome.segments_max);
  return std::move(problem).answer();
}

StoredAnswer render_sent(const SendOutcome& outcome, const AskedOfSend& asked) {
  switch (outcome.verdict) {
    case SendVerdict::sent: return accepted(outcome, asked);
    case SendVerdict::returned: return accepted(outcome, asked, 200);
    case SendVerdict::live_request_differs: return differing(outcome);
    case SendVerdict::cooldown_active: return cooling_down(outcome);
    case SendVerdict::rate_limited: return over_rate(outcome);
    case SendVerdict::phone_locked: return locked(outcome);
    case SendVerdict::plan_limit_reached: return over_plan(outcome);
    case SendVerdict::spend_cap_reached: return over_cap(outcome);
    case SendVerdict::no_route_available:
      return refused_for(ErrorCode::no_route_available, "No route leads to this number; nothing was charged", outcome);
    case SendVerdict::overloaded:
      return refused_for(ErrorCode::overloaded, "Too many messages are waiting; nothing was charged", outcome);
    case SendVerdict::country_not_allowed:
      return refused(ErrorCode::country_not_allowed, "Messages to this number's country are not allowed", outcome);
    case SendVerdict::number_type_not_allowed:
      return refused(ErrorCode::number_type_not_allowed, "Messages to numbers of this type are not allowed", outcome);
    case SendVerdict::phone_blocked:
      return refused(ErrorCode::phone_blocked, "This number is on the block list; nothing was sent", outcome);
    case SendVerdict::fraud_suspected:
      return refused(ErrorCode::fraud_suspected, "This request looks like fraud; nothing was sent", outcome);
    case SendVerdict::invalid_ttl: return inadmissible(ErrorCode::invalid_ttl, outcome);
    case SendVerdict::invalid_field: return invalid_field(outcome.field, outcome.detail).answer();
    case SendVerdict::template_error: return inadmissible(ErrorCode::template_error, outcome);
    case SendVerdict::too_many_segments: return too_long(outcome);
  }
  return refused(ErrorCode::internal, "", outcome);
}

}  // namespace

void send(CallPtr call) {
  SendBody body;
  if (auto problem = read_send_body(call->parts->json, call->body(), body)) return call->refuse(std::move(*problem));
  auto request = check_send_body(body, call->parts->phones);
  if (!request) return call->refuse(std::move(request.error()));
  if (body.is_dry_run) return answer_dry_run(std::move(call), std::move(*request));

  send_and_answer(std::move(call), std::move(*request), answer_to_send);
}

}  // namespace xion::verbs

namespace xion {

StoredAnswer answer_to_send(const SendOutcome& outcome, const AskedOfSend& asked) {
  return verbs::render_sent(outcome, asked);
}

void send_and_answer(CallPtr call, SendRequest request,
                     StoredAnswer (*answer)(const SendOutcome& outcome, const AskedOfSend& asked)) {
  const AskedOfSend asked{mask_phone(request.phone.e164, request.phone.country_code), call->caller.is_test};
  // The call moves into its reply, so what the use case needs of it is taken out before.
  Services& services = call->services();
  const Caller caller = call->caller;
  const auto idempotency = call->idempotency;
  send_otp(
      services, caller, std::move(request), idempotency,
      [asked, answer](const SendOutcome& outcome) { return answer(outcome, asked); }, reply_to(std::move(call)));
}

}  // namespace xion
