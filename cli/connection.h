#pragma once
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "cli/shown_command.h"

namespace xion::cli {

struct NoAnswer {
  ExitCode code = no_daemon;
  std::string detail;
  std::string hint;
};

/// How long each call waits for an answer, in seconds: 30, unless the command line says otherwise.
void set_patience(int seconds);

/// Sends one line to the daemon and waits, so long at most, for the one that answers it.
std::expected<std::string, NoAnswer> ask(const std::string& socket_path, std::string_view line);

/// The same for an answer that goes on: `on_line` gets each line, without its newline, until it returns false. The
/// first one has to come in time. `handed`: a file that the daemon gets with it; -1: none.
std::expected<void, NoAnswer> follow(const std::string& socket_path, std::string_view line,
                                     const std::function<bool(std::string_view)>& on_line, int handed = -1);

}  // namespace xion::cli
