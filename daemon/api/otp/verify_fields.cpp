#include "api/otp/verify_fields.h"

#include "api/call/field_rules.h"
#include "api/call/phone_field.h"
#include "core/otp/code.h"

namespace xion {
namespace {

using Member = JsonMember;
constexpr Field<VerifyBody> verify_members[] = {
    {"phone", JsonType::text, "a string such as \"+37499123056\"",
     [](const Member& m, VerifyBody& b) {
       b.phone = m.text;
       return true;
     }},
    {"code", JsonType::text, "the digits as a string, such as \"012345\"; a number would lose its zeros",
     [](const Member& m, VerifyBody& b) {
       b.request.code = typed_code(m.text);
       return true;
     },
     true},
    {"requestId", JsonType::text, "a request id of ours, such as \"OTP-06EZ7K3M9QX2T5RB\"",
     [](const Member& m, VerifyBody& b) {
       b.request.request_id = named_request(m.text);
       return true;
     }},
    {"purpose", JsonType::text, "1 to 32 characters of a-z, 0-9, _, . and -",
     [](const Member& m, VerifyBody& b) {
       b.request.purpose = m.text;
       return field_rules::is_purpose(m.text);
     }},
    {"country", JsonType::text, "a country as two letters, such as \"AM\"",
     [](const Member& m, VerifyBody& b) { return read_country(m.text, b.country); }},
    {"bind", JsonType::text_map, "an object of 1 to 5 strings, as the send had it",
     [](const Member& m, VerifyBody& b) { return read_bind(m, b.request.bind); }},
    {"userIp", JsonType::text, "an IPv4 or IPv6 address, such as \"203.0.113.7\"",
     [](const Member& m, VerifyBody& b) { return read_user_ip(m.text, b.request.user_ip); }},
};

}  // namespace

Secret typed_code(std::string_view text) { return normalize_code(text).value_or(Secret()); }

OtpId named_request(std::string_view text) { return parse_otp_id(text).value_or(OtpId{}); }

std::optional<Problem> read_verify_body(JsonReader& reader, std::string_view body, VerifyBody& out) {
  if (auto problem = read_fields<VerifyBody>(reader, body, verify_members, out)) return problem;
  if (!out.phone && !out.request.request_id) {
    Problem problem(ErrorCode::missing_field, "One of `phone` and `requestId` is required, or both");
    problem.with("field", "phone");
    return problem;
  }
  return std::nullopt;
}

}  // namespace xion
