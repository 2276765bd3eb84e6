#pragma once
#include "core/otp/otp.h"

namespace xion::otp_rules {

/// Every queued message → superseded: something made it pointless. Where an earlier submission of it has no known
/// outcome, a carrier may have it all the same: it becomes unknown, so that a late response or receipt still tells.
void supersede_unsent(Otp& otp, WallTime now);

}  // namespace xion::otp_rules
