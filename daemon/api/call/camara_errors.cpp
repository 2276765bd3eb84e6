#include "api/call/camara_errors.h"

namespace xion {
namespace {

constexpr std::string_view camara_prefix = "/one-time-password-sms/";
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

}  // namespace xion
