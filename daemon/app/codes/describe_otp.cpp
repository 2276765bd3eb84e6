#include "app/codes/describe_otp.h"

#include <algorithm>

#include "core/otp/charges.h"
#include "core/otp/otp_rules.h"
#include "core/otp/timeline.h"
#include "core/otp/world.h"
#include "core/phone.h"
#include "core/route.h"

namespace xion {
namespace {

/// When `status` left pending, under the name of what happened.
std::string_view name_of_end(OtpStatus status) {
  switch (status) {
    case OtpStatus::pending: return "";
    case OtpStatus::verified: return "verifiedAt";
    case OtpStatus::expired: return "expiredAt";
    case OtpStatus::locked: return "lockedAt";
    case OtpStatus::canceled: return "canceledAt";
    case OtpStatus::blocked: return "blockedAt";
    case OtpStatus::failed: return "failedAt";
  }
  return "";
}

std::string time_text(WallTime at, const Describing& describing) {
  return describing.in_millis ? rfc3339_millis(at) : rfc3339(at);
}

void describe_submission(JsonWriter& json, const Message& message, const Submission& submission,
                         const Describing& describing) {
  json.field("carrier", submission.carrier).field("segments", std::uint32_t{submission.segments_expected});
  json.field("submittedAt", time_text(submission.at, describing));
  if (!submission.segments.empty()) {
    json.key("messageIds").begin_array();
    for (const Segment& segment : submission.segments) json.value(segment.smsc_message_id);
    json.end_array();
  }
  if (const std::string error = delivery_error(submission); !error.empty()) json.field("error", error);
  if (submission.possible_duplicate) json.field("possibleDuplicate", true);
  if (submission.receipt_at) json.field("receiptAt", time_text(*submission.receipt_at, describing));
  if (message.state == MessageState::delivered && submission.receipt_at) {
    json.field("latencyMs", std::int64_t{(*submission.receipt_at - message.queued_at).count()});
  }
}

void describe_delivery(JsonWriter& json, const Otp& otp, const OtpView& view, const Describing& describing) {
  json.key("delivery").begin_object().field("status", delivery_status(otp));
  json.field("route", shown_route(otp, view.phone, describing));
  if (const Message* message = told_message(otp))
    describe_submission(json, *message, message->submissions.back(), describing);
  json.end_object();
}

void describe_client_fields(JsonWriter& json, const Otp& otp) {
  if (!otp.user_id.empty()) json.field("userId", otp.user_id);
  if (!otp.reference.empty()) json.field("reference", otp.reference);
  if (otp.metadata.empty()) return;
  json.key("metadata").begin_object();
  for (const auto& [name, value] : otp.metadata) json.field(name, value);
  json.end_object();
}

}  // namespace

std::string shown_route(const Otp& otp, const Secret& phone, const Describing& describing) {
  if (otp.test) return "test";
  if (!otp.route_taken.empty()) return otp.route_taken;
  const RouteSettings* route = match_route(describing.routes, {.e164 = phone.reveal(),
                                                               .country = otp.country,
                                                               .app = describing.app_name,
                                                               .purpose = otp.purpose,
                                                               .group = otp.route,
                                                               .tried = {}});
  return route != nullptr ? route->name : std::string();
}

const Message* told_message(const Otp& otp) {
  for (auto message = otp.messages.rbegin(); message != otp.messages.rend(); ++message) {
    if (!message->submissions.empty()) return &*message;
  }
  return nullptr;
}

void describe_otp(JsonWriter& json, const OtpView& view, const Describing& describing) {
  Otp otp = view.otp;
  otp_rules::expire(otp, describing.now);
  json.field("status", to_string(otp.status));
  if (!otp.reason.empty()) json.field("reason", otp.reason);
  if (otp.status == OtpStatus::blocked)
    json.field("refusals", std::uint64_t(std::ranges::count_if(otp.policy_events, &PolicyEvent::is_refusal)));
  json.field("requestId", to_string(otp.id)).field("app", describing.app_name);
  json.field("phone",
             describing.shows_phone ? view.phone.reveal() : mask_phone(view.phone.reveal(), otp.calling_prefix));
  json.field("country", otp.country).field("channel", "sms").field("purpose", shown_purpose(otp.purpose));
  json.field("ttlSeconds", std::int64_t{life_of(otp).count()});
  json.field("createdAt", time_text(otp.created_at, describing));
  json.field("expiresAt", time_text(otp.expires_at, describing));
  if (otp.ended_at && otp.status != OtpStatus::pending)
    json.field(name_of_end(otp.status), time_text(*otp.ended_at, describing));
  if (otp.converted_at) json.field("convertedAt", time_text(*otp.converted_at, describing));
  json.field("sends", otp.sends()).field("attemptsRemaining", otp.attempts_remaining());
  write_price(json, otp);
  describe_delivery(json, otp, view, describing);
  describe_client_fields(json, otp);
  json.field("test", otp.test);
}

void describe_events(JsonWriter& json, Otp otp, const Describing& describing, const SenderOf& sender) {
  otp_rules::expire(otp, describing.now);
  json.key("events").begin_array();
  for (const OtpEvent& event : timeline(otp)) {
    json.begin_object().field("at", time_text(event.at, describing)).field("type", event.type);
    if (event.message > 0) json.field("send", event.message);
    if (!event.carrier.empty()) json.field("carrier", event.carrier);
    const bool is_handed_over = event.type == "submitting" || event.type == "failed_over";
    if (const std::string shown = sender && is_handed_over ? sender(event.carrier) : std::string(); !shown.empty())
      json.field("sender", shown);
    if (event.type == "submitted" && !otp.route_taken.empty()) json.field("route", otp.route_taken);
    if (!event.smsc_message_id.empty()) json.field("messageId", event.smsc_message_id);
    if (!event.detail.empty()) json.field("detail", event.detail);
    if (!event.error.empty()) json.field("error", event.error);
    if (!event.error_meaning.empty()) json.field("errorMeaning", event.error_meaning);
    if (event.latency) json.field("latencyMs", std::int64_t{event.latency->count()});
    json.end_object();
  }
  json.end_array();
}

}  // namespace xion
