#include "core/otp/otp.h"

#include <algorithm>
#include <ranges>

#include "smpp/command.h"

namespace xion {

std::string_view to_string(OtpStatus status) {
  switch (status) {
    case OtpStatus::pending: return "pending";
    case OtpStatus::verified: return "verified";
    case OtpStatus::expired: return "expired";
    case OtpStatus::locked: return "locked";
    case OtpStatus::canceled: return "canceled";
    case OtpStatus::blocked: return "blocked";
    case OtpStatus::failed: return "failed";
  }
  return "";
}

std::string_view to_string(MessageState state) {
  switch (state) {
    case MessageState::queued: return "queued";
    case MessageState::submitting: return "submitting";
    case MessageState::submitted: return "submitted";
    case MessageState::delivered: return "delivered";
    case MessageState::undelivered: return "undelivered";
    case MessageState::expired: return "expired";
    case MessageState::rejected: return "rejected";
    case MessageState::unknown: return "unknown";
    case MessageState::superseded: return "superseded";
  }
  return "";
}

bool is_final(MessageState state) {
  switch (state) {
    case MessageState::queued:
    case MessageState::submitting:
    case MessageState::submitted:
    case MessageState::unknown: return false;  // a late response or receipt may still tell
    case MessageState::delivered:
    case MessageState::undelivered:
    case MessageState::expired:
    case MessageState::rejected:
    case MessageState::superseded: return true;
  }
  return true;
}

bool is_notice(const Otp& otp) {
  const auto at = otp.purpose.find(notice_purpose);
  return at == 0 || (at != std::string::npos && otp.test);  // Behind the mark of a test key.
}

const std::optional<Fingerprint>& address_of(const Otp& otp, const Message& message) {
  return message.has_own_address ? message.user_ip : otp.user_ip;
}

Seconds life_of(const Otp& otp) {
  const Millis whole = otp.expires_at - otp.created_at;
  // A life is so many whole seconds from when its code was made.
  if (whole % Seconds{1} == Millis{0}) return std::chrono::floor<Seconds>(whole);
  const auto first = std::ranges::find(otp.messages, otp.generation, &Message::generation);
  if (first == otp.messages.end() || (otp.expires_at - first->queued_at) % Seconds{1} != Millis{0})
    return std::chrono::round<Seconds>(whole);
  return std::chrono::floor<Seconds>(otp.expires_at - first->queued_at);
}

std::string delivery_error(const Submission& submission) {
  if (submission.receipt_at) {
    const bool is_told = submission.receipt_error.find_first_not_of('0') != std::string::npos;
    return is_told && submission.state != MessageState::delivered ? submission.receipt_error : std::string();
  }
  if (submission.state != MessageState::rejected) return {};
  // The connection broke before anything left.
  if (submission.command_status == smpp::status::ok) return "link_lost";
  return std::string(smpp::status_name(submission.command_status));
}

std::string_view delivery_status(const Otp& otp) {
  if (otp.messages.empty()) return "";
  // A superseded message tells nothing of delivery; the newest that wasn't does. Where all were, their time ran out.
  for (const Message& message : std::views::reverse(otp.messages)) {
    switch (message.state) {
      case MessageState::superseded: continue;
      case MessageState::submitting: return to_string(MessageState::queued);  // no carrier has accepted it yet
      case MessageState::queued:
      case MessageState::submitted:
      case MessageState::delivered:
      case MessageState::undelivered:
      case MessageState::expired:
      case MessageState::rejected:
      case MessageState::unknown: return to_string(message.state);
    }
  }
  return to_string(MessageState::expired);
}

}  // namespace xion
