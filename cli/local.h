#pragma once
#include "cli/command.h"

/// What xionctl does by itself, without a daemon.
namespace xion::cli {

ExitCode check_config(const Invocation& wanted);
ExitCode init_key(const Invocation& wanted);

}  // namespace xion::cli
