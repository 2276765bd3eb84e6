#pragma once
#include <cstdint>
#include <string>

#include "ports/control_socket.h"

namespace xion {

/// What somebody at the control socket may do.
enum class Role : std::uint8_t {
  stranger,   ///< Nothing.
  viewer,     ///< Look; whole phone numbers are not shown.
  commander,  ///< All.
};

/// root, the daemon's own user and members of `group` command; members of `view_group` look. The socket's mode and its
/// access control list say so already; a socket handed over, or a directory opened too wide, must not be enough.
Role role_of(const ControlPeer& peer, const std::string& group, const std::string& view_group);

}  // namespace xion
