#pragma once
#include "cli/command.h"

/// What xionctl does by itself, without a daemon.
namespace xion::cli {

ExitCode check_config(const Invocation& wanted);
ExitCode print_socket_unit(const Invocation& wanted);
ExitCode init_key(const Invocation& wanted);
/// With a daemon: it keeps the keys.
ExitCode rotate_master_key(const Invocation& wanted);
/// Asks the daemon for a copy of its store, writes it, reads it back.
ExitCode make_backup(const Invocation& wanted);
ExitCode restore(const Invocation& wanted);

inline constexpr std::string_view default_config = "/etc/xionid/xionid.toml";

}  // namespace xion::cli
