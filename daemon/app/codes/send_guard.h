#pragma once
#include <string>
#include <vector>

#include "app/codes/send_rules.h"
#include "core/guard/pumping_guard.h"

namespace xion {

/// What lists, rights and the pumping guard say of one send.
struct GuardedSend {
  SendVerdict verdict = SendVerdict::sent;
  PolicyEvent event;  ///< For the timeline: why it was refused, or what is only noted. No reason: nothing to tell.
  bool has_event() const { return event.guard_rules != 0 || !event.reason.empty(); }
  std::vector<Notice> notices;
};

/// Before all limits: is the number blocked, is its country or type not for this app?
GuardedSend check_number(Txn& txn, const SendPlan& plan, const Fingerprint& phone);

/// After all limits: do the budgets of the pumping guard cover one more message of this request? `otp` is the request
/// as it would be kept.
GuardedSend check_pumping(Txn& txn, const SendPlan& plan, const Otp& otp);

}  // namespace xion
