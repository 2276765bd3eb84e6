#pragma once
#include <expected>
#include <string>
#include <vector>

#include "cli/shown_command.h"

namespace xion::cli {

/// Why there is nothing to do: help was asked for (`code` 0, on stdout), or the line was not understood.
struct NotRun {
  ExitCode code = misused;
  std::string text;
};

/// Reads a command line, without the program's name.
std::expected<Invocation, NotRun> parse(const std::vector<std::string>& words);

/// "xionctl: detail" and the hint on a line of its own, for stderr.
std::string complaint(std::string_view detail, std::string_view hint);

}  // namespace xion::cli
