#pragma once
#include "api/call.h"
#include "app/send_otp.h"

namespace xion {

/// Answers a send with `dryRun`: the whole decision, and nothing sent, stored or charged. Zeros stand for the code.
void dry_run(CallPtr call, SendRequest request);

}  // namespace xion
