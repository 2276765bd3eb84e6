#pragma once
#include "cli/shown_command.h"

namespace xion::cli {

/// `carrier pause|drain|resume --wait`: returns when nothing is in flight, when it has unbound, when it is bound. Ends
/// by itself, as a refusal, where that doesn't come in five minutes.
ExitCode wait_for_carrier(const Invocation& wanted);

}  // namespace xion::cli
