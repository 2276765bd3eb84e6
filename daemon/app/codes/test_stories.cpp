#include "app/codes/test_stories.h"

#include <utility>

#include "core/otp/world.h"
#include "smpp/command.h"

namespace xion {
namespace {

constexpr std::string_view carrier_name = "test", second_carrier_name = "test-backup";

constexpr std::pair<std::string_view, SendVerdict> refusals[] = {
    {"0004", SendVerdict::country_not_allowed}, {"0005", SendVerdict::cooldown_active},
    {"0008", SendVerdict::fraud_suspected},     {"0009", SendVerdict::plan_limit_reached},
    {"0010", SendVerdict::rate_limited},        {"0012", SendVerdict::phone_locked},
    {"0013", SendVerdict::phone_blocked},
};

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

/// The carrier had no room for it, and gave no reason to try no other.
void refuse_submission(Otp& otp, WallTime now) {
  Submission& submission = otp.messages.back().submissions.back();
  submission.state = MessageState::rejected;
  submission.command_status = smpp::status::rsyserr;
  submission.answered_at = now;
  submission.segments.clear();
}

void submit_message(Otp& otp, std::string_view carrier, WallTime now) {
  Message& message = otp.messages.back();
  Submission submission;
  submission.carrier = carrier;
  submission.state = MessageState::submitted;
  submission.at = now;
  submission.answered_at = now;
  submission.segments = {Segment{.smsc_message_id = to_string(otp.id), .state = MessageState::submitted}};
  message.submissions.push_back(std::move(submission));
  message.state = MessageState::submitted;
}

}  // namespace

std::string test_purpose(std::string_view purpose) { return std::string(test_purpose_mark).append(purpose); }

Secret test_code(std::uint8_t length) { return Secret(std::string(length, '0')); }

std::optional<SendVerdict> refusal_of_story(std::string_view e164) {
  for (const auto& [digits, verdict] : refusals)
    if (e164.ends_with(digits)) return verdict;
  return std::nullopt;
}

bool has_no_route_by_story(std::string_view e164) { return e164.ends_with("0011"); }

void play_test_story(Otp& otp, std::string_view e164, WallTime now) {
  if (ends(e164, "0015")) {
    submit_message(otp, carrier_name, now);
    refuse_submission(otp, now);
    submit_message(otp, second_carrier_name, now);
  } else {
    submit_message(otp, carrier_name, now);
  }
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
  if (ends(e164, "0014")) {
    otp.status = OtpStatus::verified;
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
