#pragma once
#include "cli/command.h"

namespace xion::cli {

/// Does what was asked for: here, or by the daemon, whose answer it prints.
ExitCode run(const Invocation& wanted);

}  // namespace xion::cli
