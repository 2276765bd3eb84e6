#pragma once
#include <string>

#include "ports/control_socket.h"

namespace xion {

/// Whether a peer may command the daemon: root, the daemon's own user, or a member of `group`. The socket's mode says
/// so already; a socket handed over, or a directory opened too wide, must not be enough.
bool may_command(const ControlPeer& peer, const std::string& group);

}  // namespace xion
