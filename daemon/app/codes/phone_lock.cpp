#include "app/codes/phone_lock.h"

#include <algorithm>

namespace xion {
namespace {

/// So many locked requests lately that the phone itself is locked, and for how long still.
Seconds locked_by_requests(Txn& txn, AppId app, const LimitSettings& limits, const Fingerprint& phone, WallTime now) {
  if (limits.locks_per_phone.count == 0) return Seconds{0};
  const WallTime since =
      counted_since(txn, app, phone, now - std::max(limits.locks_per_phone.window, limits.phone_lock));
  const auto locks = txn.history({HistoryKind::locks_of_phone, app, phone}, since);
  const auto recent = std::ranges::count_if(
      locks, [&](const HistoryEntry& lock) { return lock.at > now - limits.locks_per_phone.window; });
  if (recent < limits.locks_per_phone.count) return Seconds{0};
  const WallTime until = std::ranges::max(locks, {}, &HistoryEntry::at).at + limits.phone_lock;
  return until > now ? std::chrono::ceil<Seconds>(until - now) : Seconds{0};
}

}  // namespace

WallTime counted_since(Txn& txn, AppId app, const Fingerprint& subject, WallTime since) {
  for (const HistoryEntry& reset : txn.history({HistoryKind::resets, app, subject}, since))
    since = std::max(since, reset.at + Millis{1});
  return since;
}

std::optional<PhoneLock> phone_lock(Txn& txn, AppId app, const LimitSettings& limits, const Fingerprint& phone,
                                    WallTime now) {
  std::optional<PhoneLock> lock = lock_of(txn.guesses(app, phone), now);
  const Seconds wait = locked_by_requests(txn, app, limits, phone, now);
  if (wait > Seconds{0} && (!lock || lock->wait < wait)) lock = PhoneLock{wait, false};
  return lock;
}

}  // namespace xion
