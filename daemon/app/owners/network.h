#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xion {

/// An IP address as 128 bits; IPv4 is mapped (::ffff:a.b.c.d), so that both spellings of one client are the same
/// client.
using IpAddress = std::array<std::uint8_t, 16>;

/// Reads "192.0.2.1" or "2001:db8::1". Nothing for anything else, names and ports included.
std::optional<IpAddress> parse_ip_address(std::string_view text);
/// The one spelling that an address has here. Source: RFC 5952.
std::string to_string(const IpAddress& address);

/// What limits of an end user's address are counted for: the address itself, of IPv6 its /64, since whoever has one of
/// them has all. Source: RFC 6177 §2, RFC 8981.
IpAddress end_user_of(const IpAddress& address);
/// The network that one customer may have been given, an IPv6 /48; nothing for IPv4.
std::optional<IpAddress> end_user_net_of(const IpAddress& address);

/// "192.0.2.0/24", "2001:db8::/32", or a lone address.
struct Network {
  IpAddress address{};
  unsigned prefix_bits = 128;  ///< Of the 128; an IPv4 /24 is 120.
  bool contains(const IpAddress& other) const;
};
/// Nothing where it is not such a network, or has bits set behind its prefix: a typing slip, most likely.
std::optional<Network> parse_network(std::string_view text);

}  // namespace xion
