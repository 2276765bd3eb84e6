#pragma once
#include <optional>

#include "app/services.h"
#include "core/limits/guess_budget.h"
#include "domain/txn.h"

namespace xion {

/// When an operator last forgot what limits know of a phone or an address, if that was after `since`: nothing before it
/// counts.
WallTime counted_since(Txn& txn, AppId app, const Fingerprint& subject, WallTime since);

/// Whether nothing may be sent to a phone, nor verified, for now: so many locked requests lately (`locks_per_phone`),
/// or so many wrong codes in a row. The longer lock is told.
std::optional<PhoneLock> phone_lock(Txn& txn, AppId app, const LimitSettings& limits, const Fingerprint& phone,
                                    WallTime now);

}  // namespace xion
