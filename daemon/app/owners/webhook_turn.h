#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/owners/webhook.h"
#include "ports/store.h"

namespace xion {

/// A delivery that was called for, and how that ended.
struct EndedAttempt {
  std::uint64_t delivery = 0;
  AttemptResult result;
};

/// What a turn brings to the store, in one commit: how calls ended, and how much each receiver may be given.
struct WebhookTurn {
  struct Wish {
    std::size_t limit = 0;             ///< Deliveries.
    std::vector<std::uint64_t> taken;  ///< Taken out already, in rising order: not again.
  };
  WallTime now{};
  std::vector<EndedAttempt> ended;
  std::uint16_t jitter = 0;  ///< The same for all of a turn, so that what failed together is tried together.
  std::map<std::string, Wish, std::less<>> wishes;  ///< By webhook.
  std::size_t limit = 0;                            ///< Calls, of those that have no wish.
  std::size_t limit_of_all = 0;
};

/// What it takes from there.
struct WebhookTurnTaken {
  struct Due {
    Webhook webhook;
    std::vector<WebhookDelivery> deliveries;
  };
  std::vector<Due> due;
  std::vector<std::string> disabled;  ///< Webhooks that answered 410.
  std::size_t waiting = 0;            ///< Of all webhooks.
  std::uint64_t dropped = 0;          ///< Since start.
  bool has_more = false;              ///< Something is due that was not taken for want of a wish.
  bool is_idle = false;               ///< Nothing waits, and there is no webhook that anything could wait for.
};

/// Runs in a task.
WebhookTurnTaken take_webhook_turn(Txn& txn, const WebhookTurn& turn);

}  // namespace xion
