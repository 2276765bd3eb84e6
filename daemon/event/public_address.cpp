#include "event/public_address.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "core/owners/public_network.h"

namespace xion {
bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4_address{};
    std::memcpy(&v4_address, &address, sizeof v4_address);
    return is_public_v4(ntohl(v4_address.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 v6_address{};
  std::memcpy(&v6_address, &address, sizeof v6_address);
  std::array<std::uint8_t, 16> octets{};
  std::ranges::copy(std::span(v6_address.sin6_addr.s6_addr), octets.begin());
  return is_public_v6(octets);
}

}  // namespace xion
