#pragma once
#include <sys/socket.h>

namespace xion {

/// Whether an address is one of the open Internet: not loopback, private, link-local, shared, multicast, reserved or
/// for documentation, nor an IPv6 form of such an IPv4 address. Source: the IANA special-purpose address registries.
bool is_public_address(const sockaddr& address);

}  // namespace xion
