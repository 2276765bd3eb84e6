#pragma once
#include <sys/socket.h>

#include <expected>
#include <memory>
#include <string>

namespace xion::carrier {

/// A socket address that is known to be well-formed.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// `127.0.0.1:2775`, `[::1]:2775`, `localhost:2775` or `unix:/path`.
/// Errors: a sentence that names what would be right.
std::expected<SocketAddress, std::string> parse_address(const std::string& text);
/// As `parse_address` reads it.
std::string address_text(const SocketAddress& address);
/// What a bound socket is called, after the kernel chose a port.
SocketAddress address_of(int fd);

}  // namespace xion::carrier
