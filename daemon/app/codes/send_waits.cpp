#include "app/codes/send_waits.h"

#include <algorithm>

#include "core/otp/otp_rules.h"

namespace xion {

WallTime counted_since(Txn& txn, AppId app, const Fingerprint& subject, WallTime since) {
  for (const HistoryEntry& reset : txn.history({HistoryKind::resets, app, subject}, since))
    since = std::max(since, reset.at + Millis{1});
  return since;
}

std::optional<WallTime> phone_locked_until(Txn& txn, AppId app, const LimitSettings& limits, const Fingerprint& phone,
                                           WallTime reset_at, WallTime now) {
  if (limits.locks_per_phone.count == 0) return std::nullopt;
  const WallTime since = std::max(now - std::max(limits.locks_per_phone.window, limits.phone_lock), reset_at);
  std::uint32_t recent = 0;
  WallTime newest{};
  for (const HistoryEntry& lock : txn.history({HistoryKind::locks_of_phone, app, phone}, since)) {
    if (lock.at > now - limits.locks_per_phone.window) ++recent;
    newest = std::max(newest, lock.at);
  }
  const WallTime until = newest + limits.phone_lock;
  return recent >= limits.locks_per_phone.count && until > now ? std::optional(until) : std::nullopt;
}

WallTime cooldown_over_at(const Otp& newest, const LimitSettings& limits, WallTime reset_at) {
  if (newest.messages.empty() || newest.messages.back().queued_at < reset_at) return newest.created_at;
  return otp_rules::resend_available_at(newest, limits.cooldown);
}

WallTime next_send_at(Txn& txn, const LimitSettings& limits, const Otp& newest, WallTime now) {
  if (newest.test) return now;
  const WallTime reset_at = counted_since(txn, newest.app, newest.phone, now - std::chrono::days{1});
  const auto locked_until = phone_locked_until(txn, newest.app, limits, newest.phone, reset_at, now);
  return std::max({now, cooldown_over_at(newest, limits, reset_at), locked_until.value_or(now)});
}

}  // namespace xion
