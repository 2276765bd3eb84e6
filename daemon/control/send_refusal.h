#pragma once
#include "app/codes/send_otp.h"
#include "control/verb.h"

namespace xion::control {

/// Says why nothing was sent, and what helps.
void tell_refusal(const Command& command, const SendOutcome& outcome);

}  // namespace xion::control
