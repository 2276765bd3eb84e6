#include "control/peer.h"

#include <grp.h>
#include <unistd.h>

#include <algorithm>

namespace xion {
namespace {

bool is_member(const ControlPeer& peer, const std::string& name) {
  const group* named = getgrnam(name.c_str());
  if (named == nullptr) return false;
  return peer.gid == named->gr_gid || std::ranges::find(peer.groups, named->gr_gid) != peer.groups.end();
}

}  // namespace

Role role_of(const ControlPeer& peer, const std::string& group, const std::string& view_group) {
  if (peer.uid == 0 || peer.uid == geteuid()) return Role::commander;
  if (is_member(peer, group)) return Role::commander;
  return is_member(peer, view_group) ? Role::viewer : Role::stranger;
}

}  // namespace xion
