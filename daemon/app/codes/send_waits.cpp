#include "app/codes/send_waits.h"

#include <algorithm>

#include "core/otp/otp_rules.h"

namespace xion {

WallTime cooldown_over_at(const Otp& newest, const LimitSettings& limits, WallTime reset_at) {
  if (newest.messages.empty() || newest.messages.back().queued_at < reset_at) return newest.created_at;
  return otp_rules::resend_available_at(newest, limits.cooldown);
}

WallTime next_send_at(Txn& txn, const LimitSettings& limits, const Otp& newest, WallTime now) {
  if (newest.test) return now;
  const WallTime reset_at = counted_since(txn, newest.app, newest.phone, now - std::chrono::days{1});
  const auto lock = phone_lock(txn, newest.app, limits, newest.phone, now);
  return std::max({now, cooldown_over_at(newest, limits, reset_at), now + (lock ? lock->wait : Seconds{0})});
}

}  // namespace xion
