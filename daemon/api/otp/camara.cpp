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

/// Their flows have a purpose of their own, so that they don't meet ours.
constexpr std::string_view camara_purpose = "camara";
constexpr std::size_t message_characters_max = 160;

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
