#include "core/owners/public_network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>

#include "smpp/ascii.h"

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

using V6 = std::array<std::uint8_t, 16>;
std::uint32_t v4_inside(const V6& address, std::size_t at) {
  return static_cast<std::uint32_t>(address[at]) << 24 | static_cast<std::uint32_t>(address[at + 1]) << 16 |
         static_cast<std::uint32_t>(address[at + 2]) << 8 | address[at + 3];
}

/// The host that a URL names, in lower case, without brackets, port and final dot.
std::string url_host(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  std::string_view host = url.substr(0, url.find_first_of("/?#"));
  const auto bracket = host.find(']');
  host = host.starts_with('[') && bracket != std::string_view::npos ? host.substr(1, bracket - 1)
                                                                    : host.substr(0, host.rfind(':'));
  if (host.ends_with('.')) host.remove_suffix(1);
  std::string lower(host);
  std::ranges::transform(lower, lower.begin(), smpp::ascii::lower);
  return lower;
}

}  // namespace

bool is_public_v4(std::uint32_t address) {
  return std::ranges::none_of(v4_not_public,
                              [&](const V4Range& range) { return (address ^ range.first) >> (32 - range.bits) == 0; });
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

bool has_private_host(std::string_view url) {
  const std::string host = url_host(url);
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  in6_addr six{};
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) {
    V6 octets{};
    std::memcpy(octets.data(), six.s6_addr, octets.size());
    return !is_public_v6(octets);
  }
  in_addr four{};
  return inet_aton(host.c_str(), &four) != 0 && !is_public_v4(ntohl(four.s_addr));
}

}  // namespace xion
