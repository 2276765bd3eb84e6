#pragma once
#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <string>

#include "base/time.h"
#include "ports/control_socket.h"

namespace xion {

class EventLoop;

struct ControlServerSettings {
  std::size_t line_limit_octets = 64 * 1024;  ///< Newline included.
  std::size_t max_clients = 64;
  std::size_t clients_of_a_user = 16;  ///< Of one uid, but for those who come first.
  Millis idle_timeout{30'000};         ///< For a client that neither sends a command nor reads its answer.
  /// Lines of a stream that may wait for a client to read them. More are left out, and the client is told how many.
  std::size_t stream_limit_octets = 1024 * 1024;
};

/// The control socket: lines in, lines out, one command of a client at a time, in order. What is not a line, or too
/// much, is answered with one line {"ok":false,"code":"usage",…} and closed. All on the loop thread.
class ControlServer {
 public:
  /// Who `comes_first` finds a place even where others have taken all: the client that has been idle for longest goes,
  /// of those who do not come first or else of another user. Nobody does where there is no such function.
  ControlServer(EventLoop& loop, ControlHandler handler, ControlServerSettings settings = {},
                std::function<bool(const ControlPeer&)> comes_first = {});
  ~ControlServer();

  /// A socket file of mode 0660 that belongs to `group` where there is one of that name, and that members of
  /// `view_group` may connect to as well. A stale one is replaced; the error is one sentence:
  /// "/run/xionid/control.sock: address already in use (another xiond?)".
  std::expected<void, std::string> listen(const std::string& path, const std::string& group,
                                          const std::string& view_group = {});
  std::size_t clients() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace xion
