#include "cli/connection.h"
#include "base/plural.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace xion::cli {
namespace {

timeval patience{30, 0};  ///< As the command line says: set once, before anything is asked.
/// More than any answer has; a peer that sends it is not the daemon. Octets.
constexpr std::size_t answer_limit_octets = std::size_t{64} * 1024 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<NoAnswer> unreachable(const std::string& path, int trouble) {
  const std::string detail = fmt::format("no daemon at {}: {}", path, std::strerror(trouble));
  if (trouble == EACCES || trouble == EPERM) {
    return std::unexpected(NoAnswer{
        refused, fmt::format("{}: {}", path, std::strerror(trouble)),
        "be root, or a member of the group xionid; of xionid-view to look only (control_group, control_view_group)"});
  }
  if (trouble == ENOENT) {
    return std::unexpected(
        NoAnswer{no_daemon, detail, "start it (systemctl start xiond), or name its socket with --socket"});
  }
  return std::unexpected(NoAnswer{no_daemon, detail, "is it running? systemctl status xiond"});
}

/// The file goes with the first octets. Source: unix(7), SCM_RIGHTS.
bool send_all(int fd, std::string_view octets, int handed) {
  while (!octets.empty()) {
    iovec part{const_cast<char*>(octets.data()), octets.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof handed)> room{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (handed >= 0) {
      message.msg_control = room.data();
      message.msg_controllen = room.size();
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      *header = {.cmsg_len = CMSG_LEN(sizeof handed), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
      std::memcpy(CMSG_DATA(header), &handed, sizeof handed);
    }
    const ssize_t sent = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    octets.remove_prefix(static_cast<std::size_t>(sent));
    handed = -1;
  }
  return true;
}

std::unexpected<NoAnswer> lost(const std::string& path, std::string_view how) {
  return std::unexpected(
      NoAnswer{no_daemon, fmt::format("the daemon at {} {}", path, how), "see its log: journalctl -u xiond"});
}

}  // namespace

void set_patience(int seconds) { patience.tv_sec = seconds; }

std::expected<void, NoAnswer> follow(const std::string& socket_path, std::string_view line,
                                     const std::function<bool(std::string_view)>& on_line, int handed) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.empty() || socket_path.size() >= sizeof address.sun_path) {
    return std::unexpected(NoAnswer{misused, fmt::format("\"{}\" can't be a socket's path", socket_path),
                                    fmt::format("it has 1–{} octets", sizeof address.sun_path - 1)});
  }
  std::ranges::copy(socket_path, address.sun_path);

  const Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return unreachable(socket_path, errno);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return unreachable(socket_path, errno);
  if (!send_all(fd.get(), line, handed)) return lost(socket_path, "closed the connection");

  std::string unread;
  bool is_answered = false;
  char part[16 * 1024];
  while (unread.size() < answer_limit_octets) {
    const ssize_t got = ::recv(fd.get(), part, sizeof part, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return lost(socket_path, errno == EAGAIN
                                   ? fmt::format("didn't answer in {}",
                                                 counted(static_cast<std::uint64_t>(patience.tv_sec), "second"))
                                   : std::string("closed the connection"));
    if (got == 0)
      return lost(socket_path, is_answered ? "closed the connection" : "closed the connection without an answer");
    // Only the new octets can hold a newline.
    std::size_t from = unread.size();
    unread.append(part, static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = unread.find('\n', from); end != std::string::npos; end = unread.find('\n', begin)) {
      if (!on_line(std::string_view(unread).substr(begin, end - begin))) return {};
      begin = end + 1;
      if (is_answered) continue;
      is_answered = true;
      const timeval none{0, 0};  // What is followed may stay quiet for as long as it likes.
      ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &none, sizeof none);
    }
    unread.erase(0, begin);
  }
  return lost(socket_path, "answered without end");
}

std::expected<std::string, NoAnswer> ask(const std::string& socket_path, std::string_view line) {
  std::string answer;
  const auto told = follow(socket_path, line, [&](std::string_view only) {
    answer = only;
    return false;
  });
  if (!told) return std::unexpected(told.error());
  return answer;
}

}  // namespace xion::cli
