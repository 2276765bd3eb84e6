#include "app/codes/send_waits.h"

#include <algorithm>

#include "app/codes/phone_lock.h"
#include "core/otp/otp_rules.h"

namespace xion {

WallTime counted_since(Txn& txn, AppId app, const Fingerprint& subject, WallTime since) {
  for (const HistoryEntry& reset : txn.history({HistoryKind::resets, app, subject}, since))
    since = std::max(since, reset.at + Millis{1});
  return since;
}

WallTime cooldown_over_at(const Otp& newest, const LimitSettings& limits, WallTime reset_at) {
  if (newest.messages.empty() || newest.messages.back().queued_at < reset_at) return newest.created_at;
  return otp_rules::resend_available_at(newest, limits.cooldown);
}

WallTime next_send_at(Txn& txn, const LimitSettings& limits, const Otp& newest, WallTime now) {
  if (newest.test) return now;
  const WallTime reset_at = counted_since(txn, newest.app, newest.phone, now - std::chrono::days{1});
  const auto lock = phone_lock(txn, newest.app, limits, newest.phone, now);
  return std::max({now, cooldown_over_at(newest, limits, reset_at), lock ? now + lock->wait : now});
}

}  // namespace xion
