// Told from the states before and after a change, so that no use case has to remember to tell.
#include "core/owners/webhook_events.h"
#include "base/json_writer.h"
#include "core/otp/charges.h"
#include "core/otp/world.h"
#include "core/owners/webhook.h"

namespace xion {
namespace {

/// The states whose reaching is told; the others say nothing to a backend.
std::string_view type_of(MessageState state) {
  switch (state) {
    case MessageState::submitted: return "otp.submitted";
    case MessageState::delivered: return "otp.delivered";
    case MessageState::undelivered:
    case MessageState::expired:
    case MessageState::rejected: return "otp.undelivered";
    case MessageState::queued:
    case MessageState::submitting:
    case MessageState::unknown:
    case MessageState::superseded: return {};
  }
  return {};
}

std::string_view type_of(OtpStatus status) {
  switch (status) {
    case OtpStatus::pending: return {};
    case OtpStatus::verified: return "otp.verified";
    case OtpStatus::expired: return "otp.expired";
    case OtpStatus::locked: return "otp.locked";
    case OtpStatus::canceled: return "otp.canceled";
    case OtpStatus::blocked: return "otp.blocked";
    case OtpStatus::failed: return "otp.undelivered";
  }
  return {};
}

/// Why a request ended so; of a resend that was refused, which leaves its request as it is, what the rule had to say.
std::string reason_of(std::string_view type, const Otp& otp) {
  if (!otp.reason.empty() || type != "otp.blocked" || otp.policy_events.empty()) return otp.reason;
  // The code of the catalogue: what stands before the rule.
  const std::string told = describe(otp.policy_events.back());
  return told.substr(0, told.find(':'));
}

void write_delivery_of(JsonWriter& json, std::string_view type, const Otp& otp) {
  const bool is_submit = type == "otp.submitted";  // It may have its receipt by now.
  json.key("delivery").begin_object().field("status", is_submit ? "submitted" : delivery_status(otp));
  if (!otp.route_taken.empty()) json.field("route", otp.route_taken);
  if (!otp.messages.empty() && !otp.messages.back().submissions.empty()) {
    const Message& message = otp.messages.back();
    const Submission& last = message.submissions.back();
    json.field("carrier", last.carrier);
    if (const std::string error = delivery_error(last); !error.empty() && !is_submit) json.field("error", error);
    if (message.state == MessageState::delivered && last.receipt_at && !is_submit)
      json.field("latencyMs", std::int64_t{(*last.receipt_at - message.queued_at).count()});
  }
  json.end_object();
}

}  // namespace

std::string webhook_data(std::string_view type, const Otp& otp, std::string_view app, std::string_view masked_phone) {
  JsonWriter json;
  json.begin_object().field("requestId", to_string(otp.id)).field("app", app).field("status", to_string(otp.status));
  if (const std::string reason = reason_of(type, otp); !reason.empty()) json.field("reason", reason);
  json.field("channel", "sms");
  if (!masked_phone.empty()) json.field("phone", masked_phone);
  json.field("country", otp.country).field("purpose", shown_purpose(otp.purpose)).field("sends", otp.sends());
  json.field("attemptsRemaining", otp.attempts_remaining());
  write_price(json, otp);
  write_delivery_of(json, type, otp);
  if (!otp.reference.empty()) json.field("reference", otp.reference);
  if (!otp.user_id.empty()) json.field("userId", otp.user_id);
  if (!otp.metadata.empty()) {
    json.key("metadata").begin_object();
    for (const auto& [name, value] : otp.metadata) json.field(name, value);
    json.end_object();
  }
  json.field("test", otp.test);
  return std::move(json.end_object()).str();
}

std::vector<std::string_view> webhook_events(const Otp* before, const Otp& after) {
  std::vector<std::string_view> types;
  const auto tell = [&](std::string_view type) {
    if (!type.empty()) types.push_back(type);
  };
  if (before == nullptr && after.status != OtpStatus::blocked) tell("otp.created");
  for (std::size_t i = 0; i < after.messages.size(); ++i) {
    const bool is_known = before != nullptr && i < before->messages.size();
    const MessageState now = after.messages[i].state;
    // What a test key plays is submitted and has its receipt in one.
    if (!is_known && is_final(now) && !after.messages[i].submissions.empty()) tell("otp.submitted");
    if (!is_known || before->messages[i].state != now) tell(type_of(now));
  }
  for (std::size_t i = before == nullptr ? 0 : before->failed_attempts.size(); i < after.failed_attempts.size(); ++i)
    tell("otp.attempt_failed");
  const bool has_changed_status = before == nullptr || before->status != after.status;
  if (has_changed_status) tell(type_of(after.status));
  // A resend that was refused leaves its request as it is.
  const std::size_t noted_before = before == nullptr ? 0 : before->policy_events.size();
  if (!has_changed_status && after.policy_events.size() > noted_before && after.policy_events.back().is_refusal)
    tell("otp.blocked");

  return types;
}

}  // namespace xion
