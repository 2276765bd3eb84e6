#pragma once
#include "cli/shown_command.h"

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

/// A command_status in words; a number as the send call reads it.
ExitCode smpp_status(const Invocation& wanted);
ExitCode lookup(const Invocation& wanted);
/// An app, its keys, an invitation, and the page that its owner is handed.
ExitCode onboard(const Invocation& wanted);
/// Looks at what an operator would look at one by one; exit 1 where something is amiss.
ExitCode doctor(const Invocation& wanted);

inline constexpr std::string_view default_config = "/etc/xionid/xionid.toml";

}  // namespace xion::cli
