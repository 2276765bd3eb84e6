#include "preflight/unix_account.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace xion {
namespace {

bool allows(const Account& account, const struct stat& found, unsigned bits) {
  if (account.uid == 0) return true;
  const unsigned shift = found.st_uid == account.uid                                               ? 6
                         : std::ranges::find(account.groups, found.st_gid) != account.groups.end() ? 3
                                                                                                   : 0;
  return ((static_cast<unsigned>(found.st_mode) >> shift) & bits) == bits;
}

}  // namespace

bool Account::may(const std::string& path, unsigned bits) const {
  if (is_self) {
    const int wanted = (bits & 04) != 0 ? R_OK : W_OK | X_OK;
    return ::access(path.c_str(), F_OK) != 0 || ::access(path.c_str(), wanted) == 0;
  }
  // Every folder on the way has to let the user through.
  std::filesystem::path folder;
  for (const auto& part : std::filesystem::path(path).parent_path()) {
    folder /= part;
    struct stat found{};
    if (::stat(folder.c_str(), &found) == 0 && !allows(*this, found, 01)) return false;
  }
  struct stat found{};
  return ::stat(path.c_str(), &found) != 0 || allows(*this, found, bits);
}

Account account_of(const std::optional<UnitFacts>& unit) {
  Account self{.name = {}, .uid = ::geteuid(), .gid = ::getegid(), .groups = {}};
  if (!unit || unit->user.empty()) return self;
  const passwd* found = ::getpwnam(unit->user.c_str());
  if (found == nullptr) return self;
  Account account{.name = unit->user, .uid = found->pw_uid, .gid = found->pw_gid, .groups = {}, .is_self = false};
  int count = 64;
  account.groups.resize(static_cast<std::size_t>(count));
  if (::getgrouplist(account.name.c_str(), account.gid, account.groups.data(), &count) < 0) count = 64;
  account.groups.resize(static_cast<std::size_t>(std::max(count, 0)));
  return account;
}

}  // namespace xion
