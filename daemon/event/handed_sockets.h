#pragma once
#include <span>
#include <string>
#include <vector>

namespace xion {

/// Where sockets that somebody else made, and a list of addresses that are wanted, disagree. Both empty: they don't.
struct SocketDifference {
  std::vector<std::string> missing;  ///< Wanted, and nobody listens there.
  std::vector<std::string> extra;    ///< Listened at, and not wanted.
  bool is_empty() const { return missing.empty() && extra.empty(); }
};

/// `wanted` as the configuration writes addresses, `listening` as `local_address` does. "[::]" stands for every
/// address, those of IPv4 too: sockets of systemd take both (systemd.socket(5), BindIPv6Only=). Names are looked up: at
/// start.
SocketDifference compare_sockets(std::span<const std::string> wanted, std::span<const std::string> listening);

}  // namespace xion
