#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace xion {

/// Whether an address is one of the open Internet: not loopback, private, link-local, shared, multicast, reserved or
/// for documentation, nor an IPv6 form of such an IPv4 address. In host order, and as its sixteen octets. Source: the
/// IANA special-purpose address registries.
bool is_public_v4(std::uint32_t address);
bool is_public_v6(const std::array<std::uint8_t, 16>& address);

/// Whether the host of an http or https URL is, by its spelling alone, outside the open Internet: an address in any
/// form that resolvers take (127.1, 0x7f000001, [::1]), or localhost.
bool has_private_host(std::string_view url);

}  // namespace xion
