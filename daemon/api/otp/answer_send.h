#pragma once
#include <string>

#include "api/call/call.h"
#include "app/codes/send_otp.h"

namespace xion {

/// What an answer tells of the question; the outcome has only hashes.
struct AskedOfSend {
  std::string masked_phone;
  bool is_test = false;
};

/// What our own call answers to an outcome.
StoredAnswer answer_to_send(const SendOutcome& outcome, const AskedOfSend& asked);

/// Sends what a call asks for, and ends the call with what `answer` makes of the outcome.
void send_and_answer(CallPtr call, SendRequest request,
                     StoredAnswer (*answer)(const SendOutcome& outcome, const AskedOfSend& asked));

}  // namespace xion
