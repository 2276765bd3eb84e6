#include "store/webhook_index.h"

#include <algorithm>

namespace xion {

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

void WebhookIndex::add_waiting(RowId row, const Place& place) {
  auto known = waiting_.find(place.webhook);
  if (known == waiting_.end()) known = waiting_.emplace(place.webhook, Waiting{place.app, {}}).first;
  if (!known->second.due.emplace(place.due_at, row).second) return;
  ++of_app_[known->second.app];
}

void WebhookIndex::erase_waiting(RowId row, const Place& place) {
  const auto known = waiting_.find(place.webhook);
  if (known == waiting_.end() || known->second.due.erase({place.due_at, row}) == 0) return;
  if (const auto of_app = of_app_.find(known->second.app); --of_app->second == 0) of_app_.erase(of_app);
  if (known->second.due.empty()) waiting_.erase(known);
}

std::vector<RowId> WebhookIndex::due(std::string_view webhook, WallTime until, std::size_t limit) const {
  std::vector<RowId> rows;
  const auto known = waiting_.find(webhook);
  if (known == waiting_.end()) return rows;
  for (auto at = known->second.due.begin(); at != known->second.due.end() && at->first <= until && rows.size() < limit;
       ++at)
    rows.push_back(at->second);
  return rows;
}

std::vector<WaitingDeliveries> WebhookIndex::waiting() const {
  std::vector<WaitingDeliveries> all;
  all.reserve(waiting_.size());
  for (const auto& [webhook, waiting] : waiting_)
    all.push_back({webhook, waiting.app, waiting.due.size(), waiting.due.begin()->first});
  return all;
}

std::size_t WebhookIndex::waiting_of(AppId app) const {
  const auto known = of_app_.find(app);
  return known == of_app_.end() ? 0 : known->second;
}

void WebhookIndex::clear() {
  webhooks_.clear();
  waiting_.clear();
  of_app_.clear();
}

}  // namespace xion
