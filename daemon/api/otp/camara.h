#pragma once
#include <string_view>

#include "api/call/json_request.h"
#include "app/codes/verify_otp.h"

namespace xion {

/// What our own call answers to an outcome.
StoredAnswer answer_to_verify(const VerifyOutcome& outcome);

/// Whether a route is one of the operators' own shape (CAMARA OTP validation).
bool is_camara(std::string_view pattern);
/// Our problem as theirs: `{"status", "code", "message"}` under their status and code. Source: CAMARA
/// one-time-password-sms v1, "Errors".
StoredAnswer as_camara_error(StoredAnswer problem, JsonReader& reader);

}  // namespace xion
