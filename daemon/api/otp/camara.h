#pragma once
#include <string>

#include "api/call/json_request.h"
#include "app/codes/send_otp.h"
#include "app/codes/verify_otp.h"

namespace xion {

/// What our own calls answer to an outcome.
StoredAnswer answer_to_send(const SendOutcome& outcome, const std::string& masked_phone, bool is_test);
StoredAnswer answer_to_verify(const VerifyOutcome& outcome);

}  // namespace xion
