#pragma once
#include <cstdint>
#include <string>

#include "base/log.h"

namespace xion {

/// Where the log goes: "auto" (the journal under systemd, else stderr), "stderr" or "journal".
/// Lines are written by a thread of their own; where it can't keep up the oldest waiting ones are dropped and counted,
/// so that no loop ever waits for a disk or a pipe.
void start_journal(const std::string& destination, log::Level level);
/// Writes what waits, and ends the thread.
void stop_journal();
/// So many lines were dropped since the start, because nobody took them in time.
std::uint64_t dropped_log_lines();

/// "debug", "info", "warning", "error"; info for anything else.
log::Level parse_log_level(const std::string& text);

}  // namespace xion
