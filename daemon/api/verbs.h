#pragma once
#include "api/call.h"

/// What the routes lead to, one file a verb. Each answers its call, now or after a commit.
namespace xion::verbs {

void send(CallPtr call);
void verify(CallPtr call);
void read(CallPtr call);
void cancel(CallPtr call);
void errors(CallPtr call);
void health(CallPtr call);
void readiness(CallPtr call);

}  // namespace xion::verbs
