#include "control/peer.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace xion {
namespace {

bool is_member(const ControlPeer& peer, gid_t group) {
  if (peer.gid == group) return true;
  const passwd* user = getpwuid(peer.uid);  // Only this thread asks.
  if (user == nullptr) return false;
  int count = 0;
  getgrouplist(user->pw_name, user->pw_gid, nullptr, &count);
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(count, 1)));
  if (getgrouplist(user->pw_name, user->pw_gid, groups.data(), &count) < 0) return false;
  groups.resize(static_cast<std::size_t>(count));
  return std::ranges::find(groups, group) != groups.end();
}

}  // namespace

bool may_command(const ControlPeer& peer, const std::string& group) {
  if (peer.uid == 0 || peer.uid == geteuid()) return true;
  const struct group* allowed = getgrnam(group.c_str());
  return allowed != nullptr && is_member(peer, allowed->gr_gid);
}

}  // namespace xion
