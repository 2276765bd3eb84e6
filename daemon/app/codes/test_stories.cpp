#include "app/codes/test_stories.h"

namespace xion {
namespace {

constexpr std::string_view purpose_mark = "test:";
constexpr std::string_view carrier_name = "test";

bool ends(std::string_view e164, std::string_view digits) { return e164.ends_with(digits); }

void end_message(Otp& otp, MessageState state, std::string_view error, WallTime now) {
  Message& message = otp.messages.back();
  Submission& submission = message.submissions.back();
  submission.state = state;
  submission.receipt_at = now;
  submission.receipt_error = error;
  submission.segments.back().state = state;
  message.state = state;
  message.ended_at = now;
}

void submit_message(Otp& otp, WallTime now) {
  Message& message = otp.messages.back();
  Submission submission;
  submission.carrier = carrier_name;
  submission.state = MessageState::submitted;
  submission.at = now;
  submission.answered_at = now;
  submission.segments = {Segment{.smsc_message_id = to_string(otp.id), .state = MessageState::submitted}};
  message.submissions.push_back(std::move(submission));
  message.state = MessageState::submitted;
}

}  // namespace

std::string test_purpose(std::string_view purpose) { return std::string(purpose_mark).append(purpose); }

std::string_view shown_purpose(std::string_view kept_purpose) {
  if (kept_purpose.starts_with(purpose_mark)) kept_purpose.remove_prefix(purpose_mark.size());
  return kept_purpose;
}

Secret test_code(std::uint8_t length) { return Secret(std::string(length, '0')); }

std::optional<SendVerdict> refusal_of_story(std::string_view e164) {
  if (ends(e164, "0004")) return SendVerdict::country_not_allowed;
  if (ends(e164, "0005")) return SendVerdict::cooldown_active;
  if (ends(e164, "0008")) return SendVerdict::fraud_suspected;
  return std::nullopt;
}

void play_test_story(Otp& otp, std::string_view e164, WallTime now) {
  submit_message(otp, now);
  if (ends(e164, "0002")) {
    end_message(otp, MessageState::undelivered, "001", now);
  } else if (!ends(e164, "0003")) {
    end_message(otp, MessageState::delivered, "000", now);
  }
  if (ends(e164, "0006")) otp.expires_at = now;
  if (ends(e164, "0007")) {
    otp.failed_attempts.assign(otp.attempts_allowed, FailedAttempt{now});
    otp.status = OtpStatus::locked;
    otp.ended_at = now;
  }
}

std::optional<Seconds> late_receipt_of_story(std::string_view e164) {
  return ends(e164, "0003") ? std::optional(Seconds{10}) : std::nullopt;
}

void play_late_receipt(Otp& otp, WallTime now) {
  if (otp.messages.back().state == MessageState::submitted) end_message(otp, MessageState::delivered, "000", now);
}

}  // namespace xion
