#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace xion {

/// "127.0.0.1:8080", "smsc.example:2775", "[::1]:8080".
struct TcpAddress {
  std::string host;        ///< Without brackets.
  std::uint16_t port = 0;  ///< 0: the system chooses (when listening).
  bool operator==(const TcpAddress&) const = default;
};
/// "unix:/run/xionid/api.sock".
struct UnixAddress {
  std::string path;
  bool operator==(const UnixAddress&) const = default;
};
using Address = std::variant<TcpAddress, UnixAddress>;

/// The errors are sentences that begin with the text that is wrong.
std::expected<Address, std::string> parse_address(std::string_view text);
std::expected<TcpAddress, std::string> parse_tcp_address(std::string_view text);

/// What the kernel calls an address.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};
/// "127.0.0.1:8080", "[::1]:8080", "unix:/path".
std::string to_text(const SocketAddress& address);
/// The address that a socket is bound to.
std::string local_address(int fd);

/// Why a connection failed, of an errno: "connection refused", "reset by peer", …; 0: it ended in order.
std::string plain_reason(int error);

/// The addresses of a literal such as 127.0.0.1 or ::1; nothing where it is a name.
std::vector<SocketAddress> literal(const TcpAddress& address);
/// Those of a name or a literal. Waits for name servers: never on the loop thread, but at start.
std::expected<std::vector<SocketAddress>, std::string> look_up(const TcpAddress& address);

}  // namespace xion
