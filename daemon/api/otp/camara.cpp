#include "api/otp/camara.h"

#include <algorithm>

#include "api/call/phone_field.h"
#include "api/call/verbs.h"
#include "api/otp/answer_send.h"
#include "api/otp/verify_fields.h"
#include "base/utf8.h"
#include "core/texts/text_pattern.h"

namespace xion {
namespace {

constexpr std::string_view camara_prefix = "/one-time-password-sms/";
/// Their flows have a purpose of their own, so that they don't meet ours.
constexpr std::string_view camara_purpose = "camara";
constexpr std::size_t message_characters_max = 160;
constexpr std::size_t json_padding = 64;

struct CamaraError {
  std::string_view ours;
  std::uint16_t http_status;
  std::string_view theirs;
};
/// What is not here is INVALID_ARGUMENT, INTERNAL or UNAVAILABLE by its status.
constexpr CamaraError camara_errors[] = {
    {"missing_api_key", 401, "UNAUTHENTICATED"},
    {"invalid_api_key", 401, "UNAUTHENTICATED"},
    {"expired_api_key", 401, "UNAUTHENTICATED"},
    {"revoked_api_key", 401, "UNAUTHENTICATED"},
    {"plan_limit_reached", 429, "QUOTA_EXCEEDED"},
    {"spend_cap_reached", 429, "QUOTA_EXCEEDED"},
    {"insufficient_scope", 403, "PERMISSION_DENIED"},
    {"client_not_allowed", 403, "PERMISSION_DENIED"},
    {"country_not_allowed", 403, "ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_NOT_ALLOWED"},
    {"number_type_not_allowed", 403, "ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_NOT_ALLOWED"},
    {"phone_blocked", 403, "ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_BLOCKED"},
    {"phone_locked", 403, "ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_BLOCKED"},
    {"fraud_suspected", 403, "ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_BLOCKED"},
    {"not_found", 404, "NOT_FOUND"},
    {"no_active_code", 404, "NOT_FOUND"},
    {"method_not_allowed", 405, "METHOD_NOT_ALLOWED"},
    {"idempotency_in_progress", 409, "ABORTED"},
    {"code_expired", 400, "ONE_TIME_PASSWORD_SMS.VERIFICATION_EXPIRED"},
    {"code_used", 400, "ONE_TIME_PASSWORD_SMS.VERIFICATION_EXPIRED"},
    {"code_canceled", 400, "ONE_TIME_PASSWORD_SMS.VERIFICATION_EXPIRED"},
    {"code_locked", 400, "ONE_TIME_PASSWORD_SMS.VERIFICATION_FAILED"},
    {"invalid_code", 400, "ONE_TIME_PASSWORD_SMS.INVALID_OTP"},
    {"unsupported_media_type", 415, "UNSUPPORTED_MEDIA_TYPE"},
    {"rate_limited", 403, "ONE_TIME_PASSWORD_SMS.MAX_OTP_CODES_EXCEEDED"},
    {"cooldown_active", 403, "ONE_TIME_PASSWORD_SMS.MAX_OTP_CODES_EXCEEDED"},
};

CamaraError theirs_for(std::string_view ours, const StoredAnswer& problem) {
  // The app's request rate is no matter of codes.
  if (ours == "rate_limited" && problem.body.find(R"("policy":"requests")") != std::string::npos) {
    return {ours, 429, "TOO_MANY_REQUESTS"};
  }
  // The last wrong code ends it.
  if (ours == "invalid_code" && problem.body.find(R"("attemptsRemaining":0)") != std::string::npos) {
    return {ours, 400, "ONE_TIME_PASSWORD_SMS.VERIFICATION_FAILED"};
  }
  for (const CamaraError& row : camara_errors) {
    if (row.ours == ours) return row;
  }
  if (problem.http_status == 503) return {ours, 503, "UNAVAILABLE"};
  if (problem.http_status >= 500) return {ours, 500, "INTERNAL"};
  return {ours, 400, "INVALID_ARGUMENT"};
}

struct SendCodeBody {
  std::string phone;
  SendRequest request;
};
constexpr Field<SendCodeBody> send_code_fields[] = {
    {"phoneNumber", JsonType::text, "a number in E.164, such as \"+37499123056\"",
     [](const JsonMember& m, SendCodeBody& b) {
       b.phone = m.text;
       return b.phone.starts_with('+');
     },
     true},
    {"message", JsonType::text, "at most 160 characters with {{code}} in them",
     [](const JsonMember& m, SendCodeBody& b) {
       const auto points = from_utf8(m.text);
       if (!points || points->size() > message_characters_max) return false;
       b.request.text_pattern = m.text;
       b.request.brings_text = true;
       return m.text.find("{{code}}") != std::string_view::npos &&
              std::ranges::none_of(check_pattern(b.request.text_pattern), &PatternFinding::is_error);
     },
     true},
};

struct ValidateCodeBody {
  VerifyRequest request;
};
constexpr Field<ValidateCodeBody> validate_code_fields[] = {
    {"authenticationId", JsonType::text, "the id that send-code gave",
     [](const JsonMember& m, ValidateCodeBody& b) {
       b.request.request_id = named_request(m.text);
       return true;
     },
     true},
    {"code", JsonType::text, "the digits as a string, such as \"012345\"",
     [](const JsonMember& m, ValidateCodeBody& b) {
       b.request.code = typed_code(m.text);
       return true;
     },
     true},
};

}  // namespace

bool is_camara(std::string_view pattern) { return pattern.starts_with(camara_prefix); }

StoredAnswer as_camara_error(StoredAnswer problem, JsonReader& reader) {
  problem.body.reserve(problem.body.size() + json_padding);
  std::string code, detail;
  if (const auto members = reader.object(problem.body)) {
    for (const JsonMember& member : *members) {
      if (member.name == "code") code = member.text;
      if (member.name == "detail") detail = member.text;
    }
  }
  const CamaraError error = theirs_for(code, problem);
  JsonWriter json;
  json.begin_object().field("status", std::uint32_t{error.http_status}).field("code", error.theirs);
  json.field("message", detail).end_object();
  problem.http_status = error.http_status;
  problem.body = std::move(json).str();
  // A plan that is used up is 402 with us, and needs no wait there.
  if (error.http_status == 429 && !problem.headers.contains("Retry-After: "))
    problem.headers.append("Retry-After: 3600\n");
  return problem;
}

namespace verbs {

void send_code(CallPtr call) {
  SendCodeBody body;
  if (auto problem = read_fields<SendCodeBody>(call->parts->json, call->body(), send_code_fields, body)) {
    return call->refuse(std::move(*problem));
  }
  auto phone = read_phone(call->parts->phones, body.phone, {});
  if (!phone) return call->refuse(std::move(phone.error()));
  SendRequest& request = body.request;
  request.phone = std::move(*phone);
  request.purpose = camara_purpose;
  send_and_answer(std::move(call), std::move(request), [](const SendOutcome& outcome, const AskedOfSend& asked) {
    const bool is_sent = outcome.verdict == SendVerdict::sent || outcome.verdict == SendVerdict::returned;
    if (!is_sent) return answer_to_send(outcome, asked);
    JsonWriter json;
    json.begin_object().field("authenticationId", to_string(outcome.otp.id)).end_object();
    return success(200, std::move(json).str());
  });
}

void validate_code(CallPtr call) {
  ValidateCodeBody body;
  if (auto problem = read_fields<ValidateCodeBody>(call->parts->json, call->body(), validate_code_fields, body)) {
    return call->refuse(std::move(*problem));
  }
  body.request.purpose = camara_purpose;
  Services& services = call->services();
  const Caller caller = call->caller;
  const auto idempotency = call->idempotency;
  verify_otp(
      services, caller, std::move(body.request), idempotency,
      [](const VerifyOutcome& outcome) {
        return outcome.result == VerifyResult::verified ? success(204, "") : answer_to_verify(outcome);
      },
      reply_to(std::move(call)));
}

}  // namespace verbs
}  // namespace xion
