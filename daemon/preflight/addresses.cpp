#include "preflight/addresses.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <memory>

#include "ports/open_file.h"

namespace xion {
namespace {

/// The lowest port that anybody may listen on. Source: ip(7), ip_unprivileged_port_start.
std::uint16_t first_free_port() {
  std::ifstream in("/proc/sys/net/ipv4/ip_unprivileged_port_start");
  std::uint16_t port = 1024;
  return in >> port ? port : std::uint16_t{1024};
}

/// Whether a socket could be bound there, at any port.
int bind_trouble(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return 0;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, ::freeaddrinfo);
  const OpenFile probe(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!probe.is_open()) return errno;
  return ::bind(probe.get(), found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
}

}  // namespace

std::optional<ListenerTrouble> why_no_listener(const std::string& address, bool is_root,
                                               const std::optional<UnitFacts>& unit) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  const bool is_free = is_root || port == 0 || port >= first_free_port() || (unit && unit->may_use_low_ports);
  if (!is_free) {
    return ListenerTrouble{fmt::format("port {} is for the privileged", port),
                           "let systemd hold it (`xionctl config socket-unit`), or allow it: systemctl edit xiond, "
                           "[Service] AmbientCapabilities=CAP_NET_BIND_SERVICE"};
  }
  if (const int error = bind_trouble(host); error != 0)
    return ListenerTrouble{std::strerror(error), "an address of this machine; `ip addr` shows them"};
  return std::nullopt;
}

}  // namespace xion
