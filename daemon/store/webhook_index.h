#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/container/btree_set.h>

#include "core/owners/webhook.h"
#include "ports/stored.h"
#include "store/otp_key.h"

namespace xion {

/// The webhooks, which are few, and what waits for each, by when it is due: some 20 octets a delivery. Rebuilt from
/// both tables: at start, and what waits beyond some ten thousand soon after it.
class WebhookIndex {
 public:
  /// What of a waiting delivery is needed here.
  struct Place {
    std::string_view webhook;
    AppId app = 0;
    WallTime due_at{};
  };

  const std::vector<Webhook>& webhooks() const { return webhooks_; }
  void set(const Webhook& webhook);
  void remove(std::string_view id);

  void add_waiting(RowId row, const Place& place);
  void erase_waiting(RowId row, const Place& place);
  /// The longest due first, of one webhook.
  std::vector<RowId> due(std::string_view webhook, WallTime until, std::size_t limit) const;
  std::vector<WaitingDeliveries> waiting() const;
  std::size_t waiting_of(AppId app) const;
  void clear();

 private:
  struct Waiting {
    AppId app = 0;
    absl::btree_set<std::pair<WallTime, RowId>> due;
  };

  std::vector<Webhook> webhooks_;
  std::map<std::string, Waiting, std::less<>> waiting_;  ///< By webhook, those that were removed among them.
  std::map<AppId, std::size_t> of_app_;
};

}  // namespace xion
