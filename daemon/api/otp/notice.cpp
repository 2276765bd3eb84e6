#include <fmt/format.h>

#include "api/call/verbs.h"
#include "api/otp/answer_send.h"
#include "api/otp/send_fields.h"

namespace xion::verbs {
namespace {

StoredAnswer taken(const SendOutcome& outcome, const std::string& masked_phone) {
  const Otp& otp = outcome.otp;
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "queued").field("requestId", to_string(otp.id));
  json.field("phone", masked_phone).field("country", otp.country).field("channel", "sms");
  json.key("delivery").begin_object().field("status", "queued").field("route", outcome.route).end_object();
  json.field("test", otp.test);
  if (!otp.reference.empty()) json.field("reference", otp.reference);
  json.end_object();
  return success(202, std::move(json).str(), fmt::format("/v1/otp/{}", to_string(otp.id)));
}

}  // namespace

void notice(CallPtr call) {
  SendBody body;
  if (auto problem = read_notice_body(call->parts->json, call->body(), body)) return call->refuse(std::move(*problem));
  auto request = check_send_body(body, call->parts->phones);
  if (!request) return call->refuse(std::move(request.error()));
  request->is_notice = true;
  request->purpose = fmt::format("{}{}", notice_purpose, request->text_template);
  send_and_answer(std::move(call), std::move(*request), [](const SendOutcome& outcome, const AskedOfSend& asked) {
    return outcome.verdict == SendVerdict::sent ? taken(outcome, asked.masked_phone) : answer_to_send(outcome, asked);
  });
}

}  // namespace xion::verbs
