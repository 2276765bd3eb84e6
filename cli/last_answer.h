#pragma once
#include <expected>
#include <string>

#include "cli/command.h"

namespace xion::cli {

/// What the daemon says in the end to a command that is done here with its help: JSON. Lines before it are passed over.
/// `handed`: a file that it gets with the command; -1: none. Or it has been said why there is none.
std::expected<std::string, ExitCode> last_answer(const Invocation& wanted, int handed = -1);

/// Shows it as the command's row of the table says, or as it came.
ExitCode show_answer(const Invocation& wanted, const std::string& result_json);

}  // namespace xion::cli
