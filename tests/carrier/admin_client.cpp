#include "carrier/admin_client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>

namespace xion::carrier {
namespace {

struct Socket {
  explicit Socket(int family) : fd(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd >= 0) close(fd);
  }
  int fd;
};

}  // namespace

std::expected<std::vector<std::string>, std::string> ask(const SocketAddress& address, const std::string& line) {
  const auto failed = [&](std::string_view what) {
    return std::unexpected(fmt::format("{} {}: {}", what, address_text(address), std::strerror(errno)));
  };
  const Socket socket(address.storage.ss_family);
  if (socket.fd < 0 || connect(socket.fd, address.get(), address.length) != 0) return failed("no simulator answers at");
  const std::string request = line + '\n';
  for (std::size_t sent = 0; sent < request.size();) {
    const ssize_t n = send(socket.fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return failed("cannot write to");
    sent += static_cast<std::size_t>(n);
  }
  std::string answer;
  std::array<char, 16 * 1024> octets;
  for (;;) {
    const ssize_t n = recv(socket.fd, octets.data(), octets.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed("cannot read from");
    if (n == 0) break;
    answer.append(octets.data(), static_cast<std::size_t>(n));
  }
  std::vector<std::string> lines;
  std::istringstream stream(answer);
  for (std::string one; std::getline(stream, one);) lines.push_back(one);
  return lines;
}

}  // namespace xion::carrier
