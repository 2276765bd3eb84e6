#pragma once
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/open_file.h"

namespace xion {

/// Who is at the other end of the control socket, as the kernel knew it when the connection was made. Source: unix(7),
/// SO_PEERCRED, SO_PEERGROUPS.
struct ControlPeer {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int32_t pid = 0;
  std::vector<std::uint32_t> groups{};  ///< Beside `gid`.
  std::shared_ptr<OpenFile> handed{};  ///< What came with the first octets: only the first command has it. Mostly null.
};

/// What became of one line of a stream.
enum class ControlSent : std::uint8_t {
  taken,
  missed,  ///< The client reads so slowly that too much waits for it: this line is left out.
  gone,    ///< It has left, or has not read for so long that it was cut off: no line will ever be taken.
};

/// The way back to the client that gave a command: one last line, and lines before it where the command goes on, as a
/// trace or a log does. Loop thread only; does nothing where the client has gone.
class ControlReply {
 public:
  using Last = std::function<void(std::string)>;
  using Line = std::function<ControlSent(std::string)>;
  ControlReply(Last last, Line line) : last_(std::move(last)), line_(std::move(line)) {}
  /// For those who look at last lines only: every other one finds the client gone.
  template <std::invocable<std::string> Callable>
    requires(!std::same_as<std::remove_cvref_t<Callable>, ControlReply>)
  ControlReply(Callable last) : last_(std::move(last)) {}  // NOLINT(google-explicit-constructor): as std::function's

  /// The last line. Called once, or never where the client is to be told lines until it goes.
  void operator()(std::string line) const { last_(std::move(line)); }
  /// One more line; others follow. From the first one on the client's own lines are no longer read. An empty one is not
  /// sent: it only asks whether the client is there.
  ControlSent line(std::string line) const { return line_ ? line_(std::move(line)) : ControlSent::gone; }

 private:
  Last last_;
  Line line_;
};

/// Answers one command line (without its newline, at most 64 KiB), now or later.
using ControlHandler = std::function<void(const ControlPeer&, std::string_view line, ControlReply reply)>;

}  // namespace xion
