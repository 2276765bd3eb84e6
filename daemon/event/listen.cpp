#include "event/listen.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace xion {

namespace {

constexpr int backlog = 4096;  ///< The kernel cuts it to net.core.somaxconn.

std::string failure(std::string_view where, int error) {
  if (error == EADDRINUSE) return fmt::format("{}: address already in use (another xiond?)", where);
  return fmt::format("{}: {}", where, std::generic_category().message(error));
}

std::expected<FileDescriptor, int> listen_at(const SocketAddress& address) {
  FileDescriptor fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(errno);
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
  const FileDescriptor probe(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  return connect(probe.get(), address.get(), address.length) == 0 || errno == EAGAIN;  // EAGAIN: its backlog is full.
}

}  // namespace

std::expected<std::vector<FileDescriptor>, std::string> listen_tcp(const TcpAddress& address) {
  const auto found = look_up(address);
  if (!found) return std::unexpected(found.error());
  std::vector<FileDescriptor> sockets;
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

std::expected<FileDescriptor, std::string> listen_unix(const UnixSocketSettings& settings) {
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
  FileDescriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(failure(path, errno));
  fchmod(fd.get(), settings.mode);  // bind gives the file this mode less the umask, so it is never wider than asked.
  if (bind(fd.get(), address.get(), address.length) != 0) return std::unexpected(failure(path, errno));
  if (!settings.group.empty()) {
    if (const group* named = getgrnam(settings.group.c_str()); named != nullptr) {
      if (chown(path.c_str(), static_cast<uid_t>(-1), named->gr_gid) != 0) return std::unexpected(failure(path, errno));
    }
  }
  if (chmod(path.c_str(), settings.mode) != 0 || listen(fd.get(), backlog) != 0)
    return std::unexpected(failure(path, errno));
  return fd;
}

}  // namespace xion
