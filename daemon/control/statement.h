#pragma once
#include "control/verb.h"

namespace xion::control {

/// `usage statement`
void usage_statement(Command command);

}  // namespace xion::control
