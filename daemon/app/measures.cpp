#include "app/measures.h"

#include "app/codes/send_otp.h"
#include "app/codes/verify_otp.h"

namespace xion {
namespace {

std::string_view label_of(SendVerdict verdict) { return verdict == SendVerdict::sent ? "sent" : to_string(verdict); }

}  // namespace

void Measures::sent(const SendOutcome& outcome) {
  ++sends[label_of(outcome.verdict)];
  for (const Violation& violation : outcome.violations) ++limits_hit[violation.policy];
}

void Measures::verified(const VerifyOutcome& outcome) {
  ++verifies[to_string(outcome.result)];
  for (const Violation& violation : outcome.violations) ++limits_hit[violation.policy];
}

}  // namespace xion
