#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "cli/command.h"

namespace xion::cli {

struct NoAnswer {
  ExitCode code = no_daemon;
  std::string detail;
  std::string hint;
};

/// Sends one line to the daemon and waits, at most 30 seconds, for the one that answers it.
std::expected<std::string, NoAnswer> ask(const std::string& socket_path, std::string_view line);

}  // namespace xion::cli
