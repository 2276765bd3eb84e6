#include "unit/event/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace {

int connected(int family, const sockaddr* address, socklen_t length) {
  const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{180, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (connect(fd, address, length) == 0) return fd;
  close(fd);
  return -1;
}

}  // namespace

RawClient::RawClient(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  fd_ = connected(AF_INET, reinterpret_cast<sockaddr*>(&address), sizeof address);
}

RawClient::RawClient(const std::string& unix_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, unix_path.data(), unix_path.size());
  fd_ = connected(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address);
}

RawClient::~RawClient() {
  if (fd_ >= 0) close(fd_);
}

void RawClient::send(std::string_view octets) {
  while (!octets.empty()) {
    const auto sent = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::shut_sending() { shutdown(fd_, SHUT_WR); }

void RawClient::reset() {
  const linger at_once{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(fd_);
  fd_ = -1;
}

bool RawClient::read_more() {
  char piece[16 * 1024];
  const auto got = recv(fd_, piece, sizeof piece, 0);
  if (got <= 0) return false;
  unread_.append(piece, static_cast<std::size_t>(got));
  return true;
}

std::string RawClient::read_all() {
  while (read_more()) {
  }
  return std::exchange(unread_, {});
}

std::string RawClient::read_line() {
  std::size_t end;
  while ((end = unread_.find('\n')) == std::string::npos) {
    if (!read_more()) return {};
  }
  std::string line = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  return line;
}

RawClient::Answer RawClient::read_answer(bool without_body) {
  std::size_t end;
  while ((end = unread_.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more()) return {};
  }
  Answer answer;
  answer.head = unread_.substr(0, end + 2);
  unread_.erase(0, end + 4);
  answer.status = std::atoi(answer.head.c_str() + answer.head.find(' ') + 1);
  const auto at = answer.head.find("Content-Length: ");
  const std::size_t length =
      at == std::string::npos || without_body ? 0 : std::strtoul(answer.head.c_str() + at + 16, nullptr, 10);
  while (unread_.size() < length && read_more()) {
  }
  answer.body = unread_.substr(0, length);
  unread_.erase(0, length);
  return answer;
}

bool RawClient::is_closed_by_peer() {
  if (!unread_.empty()) return false;
  char one;
  return recv(fd_, &one, 1, 0) == 0;
}
