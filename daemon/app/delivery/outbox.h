#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "app/services.h"
#include "ports/stored.h"

/// What waits for a carrier, as an operator looks at it. The store holds the truth; the dispatcher's queue follows.
namespace xion {

/// What waits, with its request and the number that it is for (unsealed; mask it before it is shown).
struct WaitingMessage {
  OutboxEntry entry;
  Otp otp;
  Secret phone;
};
/// The nearest deadline first, of every node. Nothing: the store can't be read.
void read_outbox(Services& services, std::size_t limit,
                 std::move_only_function<void(std::optional<std::vector<WaitingMessage>>)> done);

/// Gives up what waits: of one request, or 10,000 messages at most, since a commit of so many is quick still. Tells
/// whose messages those were; nothing: the store failed.
void expire_outbox(Services& services, std::optional<OtpId> only,
                   std::move_only_function<void(std::optional<std::vector<OtpId>>)> done);

}  // namespace xion
