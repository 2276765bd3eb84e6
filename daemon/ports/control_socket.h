#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace xion {

/// Who is at the other end of the control socket. Source: unix(7), SO_PEERCRED.
struct ControlPeer {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int32_t pid = 0;
};
/// Answers one command line (without its newline, at most 64 KiB) with one line; `reply` is called once, later maybe, on the
/// loop thread, and does nothing where the client has gone.
using ControlHandler = std::function<void(const ControlPeer&, std::string_view line, std::function<void(std::string)> reply)>;

}  // namespace xion
