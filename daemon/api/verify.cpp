#include <fmt/format.h>

#include "api/camara.h"
#include "api/field_rules.h"
#include "api/phone_field.h"
#include "api/verbs.h"
#include "app/verify_otp.h"
#include "core/code.h"

namespace xion::verbs {
namespace {

struct VerifyBody {
  VerifyRequest request;  ///< Without the phone.
  std::optional<std::string_view> phone;
  std::string country;
};

using Member = JsonMember;
constexpr Field<VerifyBody> fields[] = {
    {"phone", JsonType::text, "a string such as \"+37499123056\"",
     [](const Member& m, VerifyBody& b) {
       b.phone = m.text;
       return true;
     }},
    {"code", JsonType::text, "the digits as a string, such as \"012345\"; a number would lose its zeros",
     [](const Member& m, VerifyBody& b) {
       auto code = normalize_code(m.text);
       if (code) b.request.code = std::move(*code);
       return code.has_value();
     },
     true},
    {"requestId", JsonType::text, "a request id of ours, such as \"OTP-06EZ7K3M9QX2T5RB\"",
     [](const Member& m, VerifyBody& b) {
       b.request.request_id = parse_otp_id(m.text);
       return b.request.request_id.has_value();
     }},
    {"purpose", JsonType::text, "1 to 32 characters of a-z, 0-9, _, . and -",
     [](const Member& m, VerifyBody& b) {
       b.request.purpose = m.text;
       return field_rules::is_purpose(m.text);
     }},
    {"country", JsonType::text, "a country as two letters, such as \"AM\"",
     [](const Member& m, VerifyBody& b) { return read_country(m.text, b.country); }},
    {"userIp", JsonType::text, "an IPv4 or IPv6 address, such as \"203.0.113.7\"",
     [](const Member& m, VerifyBody& b) { return read_user_ip(m.text, b.request.user_ip); }},
};

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
  Problem problem = with_id(ErrorCode::code_locked, "Too many wrong codes were tried; send a new one", outcome);
  problem.retry_after(outcome.retry_after);
  return std::move(problem).answer();
}

StoredAnswer over_rate(const VerifyOutcome& outcome) {
  Problem problem(ErrorCode::rate_limited, "Too many wrong codes came from this userIp");
  tell_violations(problem, outcome.violations, outcome.retry_after);
  return std::move(problem).answer();
}

StoredAnswer render(const VerifyOutcome& outcome) {
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
  }
  return Problem(ErrorCode::internal, "").answer();
}

}  // namespace

void verify(CallPtr call) {
  VerifyBody body;
  if (auto problem = read_fields<VerifyBody>(call->parts->json, call->exchange->body(), fields, body)) {
    return call->refuse(std::move(*problem));
  }
  if (!body.phone && !body.request.request_id) return call->refuse(missing_field("phone"));
  if (body.phone) {
    auto phone = read_phone(call->parts->phones, *body.phone, body.country);
    if (!phone) return call->refuse(std::move(phone.error()));
    body.request.phone = std::move(phone->e164);
  }
  Services& services = call->services();
  const Caller caller = call->caller;
  const auto idempotency = call->idempotency;
  verify_otp(services, caller, std::move(body.request), idempotency, render, reply_to(std::move(call)));
}

}  // namespace xion::verbs

namespace xion {

StoredAnswer answer_to_verify(const VerifyOutcome& outcome) { return verbs::render(outcome); }

}  // namespace xion
