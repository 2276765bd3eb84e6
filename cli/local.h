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

/// Asks the daemon for it, and waits for as long as it takes.
ExitCode compact_store(const Invocation& wanted);
/// Apps and what belongs to them as a document, written here; and such a document, read here and handed over.
ExitCode export_holdings(const Invocation& wanted);
ExitCode import_holdings(const Invocation& wanted);

/// A store that no daemon works on: its tables, its way from one engine to another, its live codes forgotten.
ExitCode print_store_schema(const Invocation& wanted);
ExitCode check_store(const Invocation& wanted);
ExitCode import_store(const Invocation& wanted);
ExitCode export_store(const Invocation& wanted);
ExitCode forget_live(const Invocation& wanted);

/// A command_status in words; a number as the send call reads it.
ExitCode smpp_status(const Invocation& wanted);
ExitCode lookup(const Invocation& wanted);
/// An app, its keys, an invitation, and the page that its owner is handed.
ExitCode onboard(const Invocation& wanted);
/// Looks at what an operator would look at one by one; exit 1 where something is amiss.
ExitCode doctor(const Invocation& wanted);

inline constexpr std::string_view default_config = "/etc/xionid/xionid.toml";

}  // namespace xion::cli
