#include "event/address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/un.h>

#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

namespace xion {

namespace {

struct HostAndPort {
  std::string_view host, port;
};

std::expected<HostAndPort, std::string> split(std::string_view text) {
  if (text.starts_with('[')) {
    const auto bracket = text.find("]:");
    if (bracket == text.npos) return std::unexpected(fmt::format("{}: expected [address]:port", text));
    return HostAndPort{text.substr(1, bracket - 1), text.substr(bracket + 2)};
  }
  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::unexpected(fmt::format("{}: the port is missing, as in {}:8080", text, text));
  const auto host = text.substr(0, colon);
  if (host.contains(':')) {
    return std::unexpected(
        fmt::format("{}: an IPv6 address needs brackets, as in [{}]:{}", text, host, text.substr(colon + 1)));
  }
  return HostAndPort{host, text.substr(colon + 1)};
}

std::expected<std::vector<SocketAddress>, std::string> ask(const TcpAddress& address, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) return std::unexpected(fmt::format("{}: look-up failed: {}", address.host, gai_strerror(error)));
  std::vector<SocketAddress> addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    SocketAddress& copy = addresses.emplace_back();
    std::memcpy(&copy.storage, one->ai_addr, one->ai_addrlen);
    copy.length = one->ai_addrlen;
  }
  freeaddrinfo(found);
  return addresses;
}

}  // namespace

std::expected<TcpAddress, std::string> parse_tcp_address(std::string_view text) {
  const auto parts = split(text);
  if (!parts) return std::unexpected(parts.error());
  if (parts->host.empty()) {
    return std::unexpected(
        fmt::format("{}: the host is missing, as in 127.0.0.1{} or, for every address, 0.0.0.0{}", text, text, text));
  }
  std::uint16_t port = 0;
  const char* end = parts->port.data() + parts->port.size();
  const auto [stop, error] = std::from_chars(parts->port.data(), end, port);
  if (error != std::errc{} || stop != end)
    return std::unexpected(fmt::format("{}: expected a port of 0–65535 behind the colon", text));
  return TcpAddress{std::string(parts->host), port};
}

std::expected<Address, std::string> parse_address(std::string_view text) {
  if (!text.starts_with("unix:")) return parse_tcp_address(text);
  const auto path = text.substr(5);
  if (!path.starts_with('/'))
    return std::unexpected(fmt::format("{}: expected an absolute path, as in unix:/run/xionid/api.sock", text));
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return std::unexpected(
        fmt::format("{}: the path of a Unix socket has at most {} octets", text, sizeof(sockaddr_un::sun_path) - 1));
  }
  return UnixAddress{std::string(path)};
}

std::string to_text(const SocketAddress& address) {
  if (address.storage.ss_family == AF_UNIX) {
    return fmt::format("unix:{}", reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path);
  }
  char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "";
  getnameinfo(address.get(), address.length, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  return address.storage.ss_family == AF_INET6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

std::string local_address(int fd) {
  SocketAddress address;
  address.length = sizeof address.storage;
  getsockname(fd, address.get(), &address.length);
  return to_text(address);
}

std::string plain_reason(int error) {
  if (error == 0) return "closed by the peer";
  if (error == ECONNRESET) return "reset by peer";
  if (error == EPIPE) return "closed by the peer";
  if (error == ETIMEDOUT) return "timed out";
  std::string reason = std::generic_category().message(error);
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return reason;
}

std::vector<SocketAddress> literal(const TcpAddress& address) {
  return ask(address, AI_NUMERICHOST).value_or(std::vector<SocketAddress>{});
}

std::expected<std::vector<SocketAddress>, std::string> look_up(const TcpAddress& address) { return ask(address, 0); }

}  // namespace xion
