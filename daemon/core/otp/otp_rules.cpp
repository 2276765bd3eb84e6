#include "core/otp/otp_rules.h"

#include <algorithm>

#include "base/assert.h"
#include "core/otp/delivery_rules.h"
#include "core/otp/supersede.h"

namespace xion::otp_rules {
namespace {

/// A message's number is one octet in a SubmissionRef.
constexpr std::size_t messages_limit = 255;

Seconds rounded_up(Millis wait) { return std::max(Seconds{1}, std::chrono::ceil<Seconds>(wait)); }

/// Leaves `pending`, for good. What no carrier has is pointless from here on.
void end(Otp& otp, OtpStatus status, WallTime at) {
  otp.status = status;
  otp.ended_at = at;
  // Nothing is sent any more that they would be needed for.
  otp.own_code_sealed.clear();
  otp.bind.clear();
  supersede_unsent(otp, at);
}

}  // namespace

void supersede_unsent(Otp& otp, WallTime now) {
  for (Message& message : otp.messages) {
    if (message.state != MessageState::queued) continue;
    const bool may_be_out =
        std::ranges::any_of(message.submissions, [](const Submission& s) { return s.state == MessageState::unknown; });
    message.state = may_be_out ? MessageState::unknown : MessageState::superseded;
    message.ended_at = now;
  }
}

bool is_live(const Otp& otp, WallTime now) { return otp.status == OtpStatus::pending && now < otp.expires_at; }

bool expire(Otp& otp, WallTime now) {
  if (otp.status != OtpStatus::pending || now < otp.expires_at) return false;
  // It ended when its time was over, however late that is noticed.
  end(otp, OtpStatus::expired, otp.expires_at);
  return true;
}

Resend may_resend(const Otp& otp, const std::vector<Seconds>& cooldown, WallTime now) {
  const bool is_full = otp.messages.size() >= messages_limit;
  const WallTime available_at = is_full ? otp.expires_at : resend_available_at(otp, cooldown);
  if (now >= available_at) return {ResendVerdict::resend};
  return {ResendVerdict::cooldown_active, rounded_up(available_at - now)};
}

WallTime resend_available_at(const Otp& otp, const std::vector<Seconds>& cooldown) {
  if (otp.messages.empty()) return otp.created_at;
  return otp.messages.back().queued_at + cooldown_after(cooldown, otp.sends());
}

void add_message(Otp& otp, WallTime now) {
  XION_ASSERT(otp.messages.size() < messages_limit);
  supersede_unsent(otp, now);
  Message& message = otp.messages.emplace_back();
  message.generation = otp.generation;
  message.queued_at = now;
}

void note_address(Otp& otp, const std::optional<Fingerprint>& address) {
  if (address == otp.user_ip) return;
  if (!address) {
    otp.messages.back().has_own_address = true;
    return;
  }
  for (std::size_t i = 0; i + 1 < otp.messages.size(); ++i) {
    Message& message = otp.messages[i];
    if (message.has_own_address) continue;
    message.has_own_address = true;
    message.user_ip = otp.user_ip;
  }
  otp.user_ip = address;
}

VerifyVerdict verify(Otp& otp, bool is_right, WallTime now) {
  expire(otp, now);
  switch (otp.status) {
    case OtpStatus::verified: return VerifyVerdict::code_used;
    case OtpStatus::expired: return VerifyVerdict::code_expired;
    case OtpStatus::canceled: return VerifyVerdict::code_canceled;
    case OtpStatus::locked: return VerifyVerdict::code_locked;
    case OtpStatus::blocked:
    case OtpStatus::failed: return VerifyVerdict::no_active_code;
    case OtpStatus::pending: break;
  }
  if (otp.attempts_remaining() == 0) {
    end(otp, OtpStatus::locked, now);
    return VerifyVerdict::code_locked;
  }
  if (is_right) {
    end(otp, OtpStatus::verified, now);
    return VerifyVerdict::verified;
  }
  otp.failed_attempts.push_back({now});
  if (otp.attempts_remaining() == 0) end(otp, OtpStatus::locked, now);
  return VerifyVerdict::invalid_code;
}

bool cancel(Otp& otp, WallTime now) {
  if (expire(otp, now) || otp.status != OtpStatus::pending) return false;
  end(otp, OtpStatus::canceled, now);
  return true;
}

}  // namespace xion::otp_rules
