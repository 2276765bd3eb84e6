#pragma once
#include "api/call/call.h"
#include "app/codes/send_otp.h"

namespace xion {

/// Answers a send with `dryRun`: the whole decision, and nothing sent, stored or charged. Zeros stand for the code.
void answer_dry_run(CallPtr call, SendRequest request);

}  // namespace xion
