#include <sys/socket.h>

#include "base/bytes.h"
#include "base/log.h"
#include "control/verb.h"

namespace xion::control {
namespace {

/// Nobody's disk is written by the daemon: it copies to whoever asked, who writes with rights of its own.
bool is_socket_to_write(const OpenFile& file) {
  int type = 0;
  socklen_t length = sizeof type;
  return ::getsockopt(file.get(), SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
}

void backup(Command command) {
  auto socket = std::move(command.handed);
  if (!command.facts.copy_store)
    return command.refuse("the store is a PostgreSQL database, whose backup is its own",
                          "see THE STORE IN POSTGRESQL in xiond(8)");
  if (!socket || !is_socket_to_write(*socket))
    return command.misuse("backup needs a socket that the copy is written to", "use `xionctl backup`");
  const std::uint64_t octets = command.services.store.status().data_octets;
  command.line(
      wire::encode(wire::Answer::line(JsonWriter().begin_object().field("dataBytes", octets).end_object().str(), 0)));
  log::info("backup.started", "data_octets={}", octets);
  const MonoTime began = command.services.loop.now();
  command.facts.copy_store(std::move(socket), [command, began](const std::expected<Digest, std::string>& copied) {
    const auto took = std::chrono::duration_cast<Millis>(command.services.loop.now() - began);
    if (!copied) {
      log::warning("backup.failed", "reason=\"{}\" after_ms={}", copied.error(), took.count());
      return command.refuse(copied.error(), "try again; see the log");
    }
    log::info("backup.copied", "took_ms={}", took.count());
    command.done(
        JsonWriter().begin_object().field("tookMs", took.count()).field("proof", hex(*copied)).end_object().str());
  });
}

}  // namespace

Verbs backup_verbs() {
  static constexpr Verb verbs[] = {{"backup", backup}};
  static_assert(is_every_verb_of("backup", verbs));
  return verbs;
}

}  // namespace xion::control
