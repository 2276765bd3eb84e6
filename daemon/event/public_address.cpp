#include "event/public_address.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace xion {
namespace {

struct V4Range {
  std::uint32_t first;
  unsigned bits;
};
constexpr std::uint32_t v4(unsigned a, unsigned b, unsigned c = 0) { return a << 24 | b << 16 | c << 8; }
constexpr V4Range v4_not_public[] = {
    {v4(0, 0), 8},           // this network
    {v4(10, 0), 8},          // private
    {v4(100, 64), 10},       // shared by carriers
    {v4(127, 0), 8},         // loopback
    {v4(169, 254), 16},      // link-local: clouds' metadata services
    {v4(172, 16), 12},       // private
    {v4(192, 0, 0), 24},     // protocol assignments
    {v4(192, 0, 2), 24},     // documentation
    {v4(192, 88, 99), 24},   // 6to4 relays
    {v4(192, 168), 16},      // private
    {v4(198, 18), 15},       // benchmarks
    {v4(198, 51, 100), 24},  // documentation
    {v4(203, 0, 113), 24},   // documentation
    {v4(224, 0), 4},         // multicast
    {v4(240, 0), 4},         // reserved, broadcast
};

bool is_public_v4(std::uint32_t address) {
  return std::ranges::none_of(v4_not_public,
                              [&](const V4Range& range) { return (address ^ range.first) >> (32 - range.bits) == 0; });
}

using V6 = std::array<std::uint8_t, 16>;
std::uint32_t v4_inside(const V6& address, std::size_t at) {
  return static_cast<std::uint32_t>(address[at]) << 24 | static_cast<std::uint32_t>(address[at + 1]) << 16 |
         static_cast<std::uint32_t>(address[at + 2]) << 8 | address[at + 3];
}

bool is_public_v6(const V6& address) {
  const auto starts_with = [&](std::initializer_list<std::uint8_t> octets) {
    return std::equal(octets.begin(), octets.end(), address.begin());
  };
  if (starts_with({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF})) return is_public_v4(v4_inside(address, 12));  // mapped
  if (starts_with({0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0}))
    return is_public_v4(v4_inside(address, 12));                              // NAT64
  if (starts_with({0x20, 0x02})) return is_public_v4(v4_inside(address, 2));  // 6to4
  // Of the rest only 2000::/3 is given out, less documentation, benchmarks and Teredo.
  if ((address[0] & 0xE0) != 0x20) return false;
  return !starts_with({0x20, 0x01, 0x0D, 0xB8}) && !starts_with({0x20, 0x01, 0x00}) && !starts_with({0x20, 0x01, 0x01});
}

}  // namespace

bool is_public_address(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4_address{};
    std::memcpy(&v4_address, &address, sizeof v4_address);
    return is_public_v4(ntohl(v4_address.sin_addr.s_addr));
  }
  if (address.sa_family != AF_INET6) return false;
  sockaddr_in6 v6_address{};
  std::memcpy(&v6_address, &address, sizeof v6_address);
  V6 octets{};
  std::ranges::copy(std::span(v6_address.sin6_addr.s6_addr), octets.begin());
  return is_public_v6(octets);
}

}  // namespace xion
