#include "carrier/socket_address.h"

#include <arpa/inet.h>
#include <event2/util.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <array>
#include <cstring>

namespace xion::carrier {

std::expected<SocketAddress, std::string> parse_address(const std::string& text) {
  SocketAddress address;
  if (text.starts_with("unix:")) {
    const std::string path = text.substr(5);
    sockaddr_un name{};
    if (path.empty() || path.size() >= sizeof name.sun_path) {
      return std::unexpected(
          fmt::format("`{}`: expected unix:/path of at most {} octets", text, sizeof name.sun_path - 1));
    }
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
    std::memcpy(&address.storage, &name, sizeof name);
    address.length = sizeof name;
    return address;
  }
  const std::string numeric = text.starts_with("localhost:") ? "127.0.0.1" + text.substr(9) : text;
  int length = sizeof address.storage;
  const bool has_port = numeric.find("]:") != std::string::npos || numeric.find(':') == numeric.rfind(':');
  if (numeric.find(':') == std::string::npos || !has_port) {
    return std::unexpected(fmt::format("`{}`: expected ADDRESS:PORT, such as 127.0.0.1:2775", text));
  }
  // libevent takes a port of 0 for none at all.
  const bool any_port = numeric.ends_with(":0");
  const std::string asked = any_port ? numeric.substr(0, numeric.size() - 1) + "1" : numeric;
  if (evutil_parse_sockaddr_port(asked.c_str(), address.get(), &length) != 0) {
    return std::unexpected(fmt::format("`{}`: expected ADDRESS:PORT, such as 127.0.0.1:2775", text));
  }
  address.length = static_cast<socklen_t>(length);
  if (any_port) {
    if (address.storage.ss_family == AF_INET) reinterpret_cast<sockaddr_in*>(&address.storage)->sin_port = 0;
    if (address.storage.ss_family == AF_INET6) reinterpret_cast<sockaddr_in6*>(&address.storage)->sin6_port = 0;
  }
  return address;
}

std::string address_text(const SocketAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (address.storage.ss_family == AF_INET) {
    const auto* in = reinterpret_cast<const sockaddr_in*>(&address.storage);
    inet_ntop(AF_INET, &in->sin_addr, host.data(), host.size());
    return fmt::format("{}:{}", host.data(), ntohs(in->sin_port));
  }
  if (address.storage.ss_family == AF_INET6) {
    const auto* in = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    inet_ntop(AF_INET6, &in->sin6_addr, host.data(), host.size());
    return fmt::format("[{}]:{}", host.data(), ntohs(in->sin6_port));
  }
  return fmt::format("unix:{}", reinterpret_cast<const sockaddr_un*>(&address.storage)->sun_path);
}

SocketAddress address_of(int fd) {
  SocketAddress address;
  address.length = sizeof address.storage;
  getsockname(fd, address.get(), &address.length);
  return address;
}

}  // namespace xion::carrier
