#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "event/address.h"
#include "event/mailbox.h"

namespace xion {

using Resolved = std::expected<std::vector<SocketAddress>, std::string>;

/// Looks a name up on a thread of its own, for getaddrinfo can't be cancelled and one dead name server must not hold up
/// the others. `done` comes through the mailbox, or never, where that has been shut. At most 16 run at once: more fail.
void resolve(std::shared_ptr<Mailbox> mailbox, TcpAddress address, std::move_only_function<void(Resolved)> done);

}  // namespace xion
