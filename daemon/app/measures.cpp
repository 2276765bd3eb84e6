#include "app/measures.h"

#include "app/send_otp.h"
#include "app/verify_otp.h"

namespace xion {
namespace {

std::string_view label_of(SendVerdict verdict) { return verdict == SendVerdict::sent ? "sent" : to_string(verdict); }

std::string_view label_of(VerifyResult result) {
  switch (result) {
    case VerifyResult::verified: return "verified";
    case VerifyResult::invalid_code: return "invalid_code";
    case VerifyResult::code_expired: return "code_expired";
    case VerifyResult::code_used: return "code_used";
    case VerifyResult::code_canceled: return "code_canceled";
    case VerifyResult::code_locked: return "code_locked";
    case VerifyResult::no_active_code: return "no_active_code";
    case VerifyResult::rate_limited: return "rate_limited";
  }
  return "verified";
}

}  // namespace

void Measures::sent(const SendOutcome& outcome) {
  ++sends[label_of(outcome.verdict)];
  for (const Violation& violation : outcome.violations) ++limits_hit[violation.policy];
}

void Measures::verified(const VerifyOutcome& outcome) {
  ++verifies[label_of(outcome.result)];
  for (const Violation& violation : outcome.violations) ++limits_hit[violation.policy];
}

}  // namespace xion
