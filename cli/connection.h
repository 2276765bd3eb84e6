#pragma once
#include <expected>
#include <functional>
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

/// The same for an answer that goes on: `on_line` gets each line, without its newline, until it returns false. The
/// first one has to come within 30 seconds. `handed`: a file that the daemon gets with it; -1: none.
std::expected<void, NoAnswer> follow(const std::string& socket_path, std::string_view line,
                                     const std::function<bool(std::string_view)>& on_line, int handed = -1);

}  // namespace xion::cli
