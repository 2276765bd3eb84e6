#pragma once
#include "cli/shown_command.h"

namespace xion::cli {

/// Does what was asked for: here, or by the daemon, whose answer it prints.
ExitCode run(const Invocation& wanted);

/// Says on stderr what was wrong and what to do; gives `code` back.
ExitCode fail(ExitCode code, std::string_view detail, std::string_view hint);

}  // namespace xion::cli
