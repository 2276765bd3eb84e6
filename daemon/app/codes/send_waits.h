#pragma once
#include "app/codes/phone_lock.h"
#include "domain/txn.h"

namespace xion {

/// When the cooldown after a request's last message is over, whatever became of the request since.
WallTime cooldown_over_at(const Otp& newest, const LimitSettings& limits, WallTime reset_at);

/// When a new message may go to the phone of a request that is over: behind its cooldown, and the phone's lock.
WallTime next_send_at(Txn& txn, const LimitSettings& limits, const Otp& newest, WallTime now);

}  // namespace xion
