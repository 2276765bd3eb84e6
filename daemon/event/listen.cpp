#include "event/listen.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/log.h"

namespace xion {

namespace {

constexpr int backlog = 4096;  ///< The kernel cuts it to net.core.somaxconn.

std::string failure(std::string_view where, int error) {
  if (error == EADDRINUSE) return fmt::format("{}: address already in use (another xiond?)", where);
  return fmt::format("{}: {}", where, std::generic_category().message(error));
}

std::expected<OpenFile, int> listen_at(const SocketAddress& address) {
  OpenFile fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return std::unexpected(errno);
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  tune_listener(fd.get());
  // "[::]" and "0.0.0.0" are two listeners, whatever net.ipv6.bindv6only says.
  if (address.storage.ss_family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (bind(fd.get(), address.get(), address.length) != 0 || listen(fd.get(), backlog) != 0)
    return std::unexpected(errno);
  return fd;
}

SocketAddress unix_address(const std::string& path) {
  SocketAddress address;
  auto* name = reinterpret_cast<sockaddr_un*>(&address.storage);
  name->sun_family = AF_UNIX;
  std::memcpy(name->sun_path, path.data(), path.size());
  address.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return address;
}

bool somebody_answers(const SocketAddress& address) {
  const OpenFile probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return connect(probe.get(), address.get(), address.length) == 0 || errno == EAGAIN;  // EAGAIN: its backlog is full.
}

/// Lets one more group read and write a file of mode 0660. Its mode stays what it is: with an access control list the
/// group's bits are the mask. Source: acl(5); the layout is the kernel's, which fixed it.
void admit_group(const std::string& path, gid_t further) {
  constexpr std::uint16_t may_connect = ACL_READ | ACL_WRITE;
  struct {
    posix_acl_xattr_header head{POSIX_ACL_XATTR_VERSION};
    std::array<posix_acl_xattr_entry, 5> entries;
  } list;
  static_assert(sizeof list == sizeof(posix_acl_xattr_header) + 5 * sizeof(posix_acl_xattr_entry));
  const auto nobody_named = static_cast<std::uint32_t>(ACL_UNDEFINED_ID);
  list.entries = {{{ACL_USER_OBJ, may_connect, nobody_named},
                   {ACL_GROUP_OBJ, may_connect, nobody_named},
                   {ACL_GROUP, may_connect, further},
                   {ACL_MASK, may_connect, nobody_named},
                   {ACL_OTHER, 0, nobody_named}}};
  if (setxattr(path.c_str(), "system.posix_acl_access", &list, sizeof list, 0) == 0) return;
  log::warning("control.view_group.excluded", "path={} reason=\"{}\"", path, std::generic_category().message(errno));
}

}  // namespace

std::expected<std::vector<OpenFile>, std::string> listen_tcp(const TcpAddress& address) {
  const auto found = look_up(address);
  if (!found) return std::unexpected(found.error());
  std::vector<OpenFile> sockets;
  std::string trouble;
  for (const SocketAddress& one : *found) {
    auto fd = listen_at(one);
    if (fd) {
      sockets.push_back(std::move(*fd));
    } else {
      trouble = failure(to_text(one), fd.error());
      if (fd.error() == EACCES && address.port < 1024) trouble += " (ports below 1024 need CAP_NET_BIND_SERVICE)";
      if (fd.error() == EADDRINUSE) return std::unexpected(trouble);  // Half of a taken name is not ours.
    }
  }
  if (sockets.empty()) return std::unexpected(trouble);
  return sockets;
}

void tune_listener(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // Fails on a Unix socket, which never delays.
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  fcntl(fd, F_SETFD, FD_CLOEXEC);
}

std::expected<OpenFile, std::string> listen_unix(const UnixSocketSettings& settings) {
  const std::string& path = settings.path;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return std::unexpected(
        fmt::format("{}: the path of a Unix socket has at most {} octets", path, sizeof(sockaddr_un::sun_path) - 1));
  }
  const SocketAddress address = unix_address(path);
  struct stat file{};
  if (lstat(path.c_str(), &file) == 0) {
    if (!S_ISSOCK(file.st_mode))
      return std::unexpected(fmt::format("{}: there is a file of that name, and it is no socket", path));
    if (somebody_answers(address)) return std::unexpected(failure(path, EADDRINUSE));
    unlink(path.c_str());
  }
  OpenFile fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return std::unexpected(failure(path, errno));
  fchmod(fd.get(), settings.mode);  // bind gives the file this mode less the umask, so it is never wider than asked.
  if (bind(fd.get(), address.get(), address.length) != 0) return std::unexpected(failure(path, errno));
  if (!settings.group.empty()) {
    if (const group* named = getgrnam(settings.group.c_str()); named != nullptr) {
      // Mostly it is our own, and then we need no right to give anything away.
      struct stat made{};
      const bool is_ours = stat(path.c_str(), &made) == 0 && made.st_gid == named->gr_gid;
      if (!is_ours && chown(path.c_str(), static_cast<uid_t>(-1), named->gr_gid) != 0)
        return std::unexpected(failure(path, errno));
    }
  }
  if (chmod(path.c_str(), settings.mode) != 0) return std::unexpected(failure(path, errno));
  if (!settings.further_group.empty()) {
    if (const group* named = getgrnam(settings.further_group.c_str()); named != nullptr)
      admit_group(path, named->gr_gid);
  }
  if (listen(fd.get(), backlog) != 0) return std::unexpected(failure(path, errno));
  return fd;
}

}  // namespace xion
