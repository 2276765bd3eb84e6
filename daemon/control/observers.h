#pragma once
#include "control/log_followers.h"
#include "control/phone_traces.h"

namespace xion::control {

/// What goes on behind commands that have been answered.
struct Observers {
  Observers(Services& services, const LogTail* tail) : followers(services.loop, tail), traces(services) {}
  LogFollowers followers;
  PhoneTraces traces;
};

}  // namespace xion::control
