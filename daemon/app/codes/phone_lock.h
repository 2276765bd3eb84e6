#pragma once
#include <optional>

#include "core/limits/guess_budget.h"
#include "domain/txn.h"

namespace xion {

/// Whether nothing may be sent to a phone, nor verified, for now: so many locked requests lately (`locks_per_phone`),
/// or so many wrong codes in a row. The longer lock is told.
std::optional<PhoneLock> phone_lock(Txn& txn, AppId app, const LimitSettings& limits, const Fingerprint& phone,
                                    WallTime now);

}  // namespace xion
