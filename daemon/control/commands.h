#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/services.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "core/owners/audit_event.h"
#include "ports/control_socket.h"
#include "wire/wire.h"

namespace xion {

class LogTail;
class Rates;
namespace control {
struct Observers;
}

/// Of the file system that the data file is on. Octets.
struct DiskSpace {
  std::uint64_t free_octets = 0;  ///< For us.
  std::uint64_t total_octets = 0;
};

/// Where the API listens.
struct ApiSockets {
  std::vector<std::string> listening;
  bool is_handed_over = false;  ///< By systemd, so that the configuration doesn't say where.
  std::string difference;       ///< From what the configuration wants; empty: none.
};

/// How the last reload ended.
struct LastReload {
  WallTime at{};
  bool was_taken = false;
  std::string reason;  ///< Why not.
};

/// File descriptors of the process.
struct DescriptorUse {
  std::uint64_t open = 0;
  std::uint64_t limit = 0;
};

/// What became of a data file that was written anew without its holes.
struct StoreCompacted {
  std::uint64_t octets_before = 0, octets_after = 0;
  std::uint64_t octets_caught_up = 0;  ///< Changes that came meanwhile.
  Millis took{0};
  double paused_ms = 0;  ///< For so long nothing was written.
};

/// What `xionctl status` tells of the process itself; main keeps it true.
struct DaemonFacts {
  std::string version;
  MonoTime started_at{};
  WallTime started_wall{};
  std::string config_hash;  ///< Of the configuration in force.
  /// Writes that configuration as members of an object, under the file's own names; passwords are left out.
  std::function<void(JsonWriter&)> write_settings{};
  /// Reads the configuration file again, compares it with what is in force, and takes it over where `apply` is. What
  /// comes back is an array of the changes as JSON; or why it was refused, every finding on a line, and nothing is
  /// changed then.
  std::function<std::expected<std::string, Refusal>(bool apply)> reconfigure{};
  std::function<std::optional<DiskSpace>()> disk{};
  std::function<ApiSockets()> api_sockets{};
  std::function<DescriptorUse()> descriptors{};
  std::optional<LastReload> last_reload{};  ///< Nothing: none since the start.
  std::optional<WallTime> last_backup{};    ///< When the last copy of the store was made; nothing: none is known of.
  const LogTail* log_tail = nullptr;        ///< Null: nobody can follow the log.
  const Rates* rates = nullptr;
  /// Copies the store as it is now to a socket; tells the proof (`backup_mac`) of what it copied, or why it could not.
  std::function<void(std::shared_ptr<OpenFile> socket, std::function<void(std::expected<Digest, std::string>)>)>
      copy_store{};
  /// Writes the store's file anew, while it works; tells why it could not.
  std::function<void(std::function<void(std::expected<StoreCompacted, std::string>)>)> compact_store{};
};

/// The commands of the control socket, by their noun and verb. Loop thread only.
class Control {
 public:
  /// `facts` outlive it; its `log_tail` is looked at here.
  Control(Services& services, const DaemonFacts& facts);
  ~Control();
  /// Answers one request line with one line, newline included, now or after a commit; or with lines that go on.
  void handle(const ControlPeer& peer, std::string_view line, ControlReply reply);
  /// A new configuration is in force.
  void reconfigured();
  /// Runs one command for somebody who may give it, such as an owner at the dashboard; of keys they get what `asker`
  /// may have. Answers once, now or after a commit.
  void run(wire::Request request, Actor who, const KeyAsker& asker, std::function<void(wire::Answer)> answer);

 private:
  Services& services_;
  const DaemonFacts& facts_;
  std::unique_ptr<control::Observers> observers_;
};

}  // namespace xion
