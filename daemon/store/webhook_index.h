#pragma once
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/owners/webhook.h"
#include "store/row_id.h"

namespace xion {

/// The webhooks, which are few, and when each waiting delivery is due. Rebuilt at start from both tables.
class WebhookIndex {
 public:
  const std::vector<Webhook>& webhooks() const { return webhooks_; }
  bool has_any(AppId app) const;
  void set(const Webhook& webhook);
  void remove(std::string_view id);

  void set_due(RowId row, WallTime at);
  void erase_due(RowId row);
  std::vector<RowId> due(WallTime until, std::size_t limit) const;
  std::size_t due_size() const { return due_at_.size(); }
  void clear();

 private:
  std::vector<Webhook> webhooks_;
  std::set<std::pair<WallTime, RowId>> due_;
  std::unordered_map<RowId, WallTime> due_at_;
};

}  // namespace xion
