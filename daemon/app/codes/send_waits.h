#pragma once
#include "domain/txn.h"

namespace xion {

/// When an operator last made limits forget a phone, an address or a user: nothing before it counts. At least `since`.
WallTime counted_since(Txn& txn, AppId app, const Fingerprint& subject, WallTime since);

/// When the cooldown after a request's last message is over, whatever became of the request since.
WallTime cooldown_over_at(const Otp& newest, const LimitSettings& limits, WallTime reset_at);

/// When a new message may go to the phone of a request that is over: behind its cooldown, and the phone's lock.
WallTime next_send_at(Txn& txn, const LimitSettings& limits, const Otp& newest, WallTime now);

}  // namespace xion
