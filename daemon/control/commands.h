#pragma once
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "app/services.h"
#include "base/time.h"
#include "ports/control_socket.h"
#include "wire/wire.h"

namespace xion {

/// What `xionctl status` tells of the process itself; main keeps it true.
struct DaemonFacts {
  std::string version;
  MonoTime started_at{};
  std::string config_hash;  ///< Of the configuration in force.
  /// Reads the configuration file again, compares it with what is in force, and takes it over where `apply` is. What comes back
  /// is an array of the changes as JSON; or why it was refused, every finding on a line, and nothing is changed then.
  std::function<std::expected<std::string, Refusal>(bool apply)> reconfigure{};
};

/// The commands of the control socket, by their noun and verb. Loop thread only.
class Control {
 public:
  Control(Services& services, const DaemonFacts& facts) : services_(services), facts_(facts) {}
  /// Answers one request line with one line, newline included, now or after a commit; or with lines that go on.
  void handle(const ControlPeer& peer, std::string_view line, ControlReply reply);
  /// Runs one command for somebody who may, such as an owner at the dashboard. Answers once, now or after a commit.
  void run(wire::Request request, std::function<void(wire::Answer)> answer);

 private:
  Services& services_;
  const DaemonFacts& facts_;
};

}  // namespace xion
