#include "store/webhook_index.h"

#include <algorithm>

namespace xion {

bool WebhookIndex::has_any(AppId app) const {
  return std::ranges::any_of(webhooks_, [&](const Webhook& webhook) { return webhook.app == app; });
}

void WebhookIndex::set(const Webhook& webhook) {
  const auto known = std::ranges::find(webhooks_, webhook.id, &Webhook::id);
  if (known == webhooks_.end())
    webhooks_.push_back(webhook);
  else
    *known = webhook;
}

void WebhookIndex::remove(std::string_view id) {
  std::erase_if(webhooks_, [&](const Webhook& webhook) { return webhook.id == id; });
}

void WebhookIndex::set_due(RowId row, WallTime at) {
  erase_due(row);
  due_at_.emplace(row, at);
  due_.emplace(at, row);
}

void WebhookIndex::erase_due(RowId row) {
  const auto known = due_at_.find(row);
  if (known == due_at_.end()) return;
  due_.erase({known->second, row});
  due_at_.erase(known);
}

std::vector<RowId> WebhookIndex::due(WallTime until, std::size_t limit) const {
  std::vector<RowId> rows;
  for (auto at = due_.begin(); at != due_.end() && at->first <= until && rows.size() < limit; ++at)
    rows.push_back(at->second);
  return rows;
}

void WebhookIndex::clear() {
  webhooks_.clear();
  due_.clear();
  due_at_.clear();
}

}  // namespace xion
