#include "event/handed_sockets.h"

#include <algorithm>
#include <variant>

#include "event/address.h"

namespace xion {
namespace {

/// One address as the kernel would tell it; the text itself where it is none.
std::vector<std::string> as_kernel_tells(const std::string& wanted) {
  const auto address = parse_address(wanted);
  if (!address || std::holds_alternative<UnixAddress>(*address)) return {wanted};
  const auto found = look_up(std::get<TcpAddress>(*address));
  if (!found) return {wanted};
  std::vector<std::string> texts;
  for (const SocketAddress& each : *found) texts.push_back(to_text(each));
  return texts;
}

bool serves(const std::string& listening, const std::string& wanted) {
  constexpr std::string_view every_v6 = "[::]:", every_v4 = "0.0.0.0:";
  return listening == wanted || (listening.starts_with(every_v6) && wanted.starts_with(every_v4) &&
                                 listening.substr(every_v6.size()) == wanted.substr(every_v4.size()));
}

}  // namespace

SocketDifference compare_sockets(std::span<const std::string> wanted, std::span<const std::string> listening) {
  SocketDifference difference;
  std::vector<bool> is_used(listening.size());
  for (const std::string& each : wanted) {
    bool is_served = false;
    for (const std::string& text : as_kernel_tells(each)) {
      for (std::size_t i = 0; i < listening.size(); ++i) {
        if (!serves(listening[i], text)) continue;
        is_served = true;
        is_used[i] = true;
      }
    }
    if (!is_served) difference.missing.push_back(each);
  }
  for (std::size_t i = 0; i < listening.size(); ++i) {
    if (!is_used[i]) difference.extra.push_back(listening[i]);
  }
  return difference;
}

}  // namespace xion
