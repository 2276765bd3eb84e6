#include <fmt/format.h>

#include "api/call/phone_field.h"
#include "api/call/verbs.h"
#include "api/otp/camara.h"
#include "api/otp/verify_fields.h"
#include "app/codes/verify_otp.h"

namespace xion::verbs {
namespace {

Problem with_id(ErrorCode code, std::string_view detail, const VerifyOutcome& outcome) {
  Problem problem(code, detail);
  if (outcome.id) problem.with("requestId", to_string(*outcome.id));
  return problem;
}

StoredAnswer verified(const VerifyOutcome& outcome) {
  const std::string location = outcome.id ? fmt::format("/v1/otp/{}", to_string(*outcome.id)) : std::string();
  return success(200,
                 fmt::format(R"({{"ok":true,"status":"verified","verifiedAt":"{}"}})", rfc3339(outcome.verified_at)),
                 location);
}

StoredAnswer wrong(const VerifyOutcome& outcome) {
  Problem problem = with_id(ErrorCode::invalid_code, "This is not the code that was sent", outcome);
  problem.with("attemptsRemaining", outcome.attempts_remaining).with("expiresAt", rfc3339(outcome.expires_at));
  return std::move(problem).answer();
}

StoredAnswer locked(const VerifyOutcome& outcome) {
  Problem problem = locked_problem("Too many wrong codes were tried", outcome.send_available_at,
                                   outcome.send_available_at - outcome.retry_after);
  if (outcome.id) problem.with("requestId", to_string(*outcome.id));
  return std::move(problem).answer();
}

StoredAnswer over_rate(const VerifyOutcome& outcome) {
  Problem problem(ErrorCode::rate_limited, "Too many wrong codes came from this userIp");
  tell_violations(problem, outcome.violations, outcome.retry_after);
  return std::move(problem).answer();
}

StoredAnswer phone_locked(const VerifyOutcome& outcome) {
  Problem problem = phone_is_locked(outcome.retry_after, outcome.needs_operator);
  if (outcome.id) problem.with("requestId", to_string(*outcome.id));
  return std::move(problem).answer();
}

StoredAnswer render_verdict(const VerifyOutcome& outcome) {
  switch (outcome.result) {
    case VerifyResult::verified: return verified(outcome);
    case VerifyResult::invalid_code: return wrong(outcome);
    case VerifyResult::code_expired:
      return with_id(ErrorCode::code_expired, "The code's time is over; send a new one", outcome).answer();
    case VerifyResult::code_used:
      return with_id(ErrorCode::code_used, "A code verifies once, and this one has", outcome).answer();
    case VerifyResult::code_canceled:
      return with_id(ErrorCode::code_canceled, "The request was canceled", outcome).answer();
    case VerifyResult::code_locked: return locked(outcome);
    case VerifyResult::no_active_code:
      return Problem(ErrorCode::no_active_code, "No code was sent for this phone and purpose lately").answer();
    case VerifyResult::rate_limited: return over_rate(outcome);
    case VerifyResult::phone_locked: return phone_locked(outcome);
  }
  return Problem(ErrorCode::internal, "").answer();
}

}  // namespace

void verify(CallPtr call) {
  VerifyBody body;
  if (auto problem = read_verify_body(call->parts->json, call->body(), body)) return call->refuse(std::move(*problem));
  if (body.phone) {
    auto phone = read_phone(call->parts->phones, *body.phone, body.country);
    if (!phone) return call->refuse(std::move(phone.error()));
    body.request.phone = std::move(phone->e164);
  }
  Services& services = call->services();
  const Caller caller = call->caller;
  const auto idempotency = call->idempotency;
  verify_otp(services, caller, std::move(body.request), idempotency, render_verdict, reply_to(std::move(call)));
}

}  // namespace xion::verbs

namespace xion {

StoredAnswer answer_to_verify(const VerifyOutcome& outcome) { return verbs::render_verdict(outcome); }

}  // namespace xion
