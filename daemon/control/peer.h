#pragma once
#include <string>

#include "ports/control_socket.h"
#include "wire/command_entry.h"

namespace xion {

using wire::Role;

/// root, the daemon's own user and members of `group` command; members of `view_group` look. The socket's mode and its
/// access control list say so already; a socket handed over, or a directory opened too wide, must not be enough.
Role role_of(const ControlPeer& peer, const std::string& group, const std::string& view_group);

}  // namespace xion
