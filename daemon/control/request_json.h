#pragma once
#include <string>

#include "app/codes/describe_otp.h"
#include "control/verb.h"

namespace xion::control {

/// A request as `otp show` and, `with_events`, as `otp trace` and `send` show it.
std::string request_json(const Command& command, const OtpView& view, bool with_events);

}  // namespace xion::control
