#pragma once
#include <string>

#include "api/call/json_request.h"
#include "app/codes/verify_otp.h"

namespace xion {

/// What our own call answers to an outcome.
StoredAnswer answer_to_verify(const VerifyOutcome& outcome);

}  // namespace xion
