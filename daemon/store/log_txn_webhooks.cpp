// The part of a transaction that is about webhooks: what a change of a request tells, and the queue of deliveries.
// Those that wait have a table of their own, so that a start reads no others.
#include <algorithm>

#include "base/log.h"
#include "store/log_txn.h"
#include "store/row_id.h"
#include "store/webhook_rows.h"

namespace xion {
namespace {

/// Deliveries that wait, of all webhooks; above it new ones are not queued. Four days of a receiver that is down, at
/// three events a second.
constexpr std::size_t waiting_limit = 1'000'000;
/// Rows that a listing looks at.
constexpr std::size_t listing_limit = 100'000;

}  // namespace

std::vector<Webhook> LogTxn::webhooks() { return indexes_.webhooks(); }

void LogTxn::put(const Webhook& webhook) {
  kv_.put(Table::webhooks, webhook.id, to_row(webhook));
  indexes_.set(webhook);
}

void LogTxn::remove_webhook(std::string_view id) {
  kv_.erase(Table::webhooks, id);
  indexes_.remove_webhook(id);
}

void LogTxn::tell(AppId app, std::string_view type, std::string_view data) {
  std::string payload;
  for (const Webhook& webhook : indexes_.webhooks()) {
    if ((app != every_app && webhook.app != app) || !webhook.wants(type)) continue;
    if (payload.empty()) payload = webhook_payload(type, now_, data);
    queue(webhook, type, payload);
  }
}

std::uint64_t LogTxn::queue(const Webhook& webhook, std::string_view type, std::string payload) {
  WebhookDelivery delivery;
  if (indexes_.due_size() >= waiting_limit) {
    log::error("webhook.queue.full", "webhook={} type={} limit={}", webhook.id, type, waiting_limit);
    return 0;
  }
  delivery.id = indexes_.next_row(now_);
  delivery.webhook = webhook.id;
  delivery.app = webhook.app;
  delivery.type = type;
  delivery.payload = std::move(payload);
  delivery.made_at = delivery.next_at = now_;
  put(delivery);
  return delivery.id;
}

void LogTxn::put(const WebhookDelivery& delivery) {
  const BigEndian key(delivery.id);
  const bool is_waiting = delivery.state == DeliveryState::pending;
  kv_.put(is_waiting ? Table::deliveries_due : Table::deliveries, key.view(), to_row(delivery));
  kv_.erase(is_waiting ? Table::deliveries : Table::deliveries_due, key.view());
  if (is_waiting)
    indexes_.set_due(delivery.id, delivery.next_at);
  else
    indexes_.erase_due(delivery.id);
}

std::optional<WebhookDelivery> LogTxn::delivery(std::uint64_t id) {
  for (const Table table : {Table::deliveries_due, Table::deliveries}) {
    const auto row = kv_.get(table, BigEndian(id).view());
    if (!row) continue;
    auto delivery = delivery_from_row(id, *row);
    if (!delivery) record_is_unreadable(table, webhook_message_id(id));
    return delivery;
  }
  return std::nullopt;
}

std::vector<WebhookDelivery> LogTxn::due_deliveries(WallTime until, std::size_t limit) {
  std::vector<WebhookDelivery> due;
  for (const RowId row : indexes_.due(until, limit)) {
    if (auto delivery = this->delivery(row))
      due.push_back(std::move(*delivery));
    else
      indexes_.erase_due(row);
  }
  return due;
}

std::vector<WebhookDelivery> LogTxn::deliveries(std::string_view webhook, std::size_t limit) {
  std::vector<WebhookDelivery> found;
  for (const Table table : {Table::deliveries_due, Table::deliveries}) {
    std::size_t of_this_table = 0, seen = 0;
    if (limit == 0) break;
    kv_.scan_back(table, {}, [&](std::string_view key, std::string_view row) {
      auto delivery = delivery_from_row(from_big_endian<RowId>(key), row);
      if (delivery && delivery->webhook == webhook) {
        found.push_back(std::move(*delivery));
        ++of_this_table;
      }
      return of_this_table < limit && ++seen < listing_limit;
    });
  }
  std::ranges::sort(found, std::greater{}, &WebhookDelivery::id);
  if (found.size() > limit) found.resize(limit);
  return found;
}

void LogTxn::tell_webhooks(const Otp* before, const Otp& after) {
  for (const WebhookEvent& event : webhook_events(before, after)) tell(after.app, event.type, event.data);
}

std::size_t LogTxn::prune_deliveries(WallTime now, std::size_t limit) {
  std::vector<RowId> rows;
  if (limit == 0) return 0;
  kv_.scan(Table::deliveries, {}, [&](std::string_view key, std::string_view) {
    const auto row = from_big_endian<RowId>(key);
    if (made_at(row) + delivery_kept > now) return false;
    rows.push_back(row);
    return rows.size() < limit;
  });
  for (const RowId row : rows) kv_.erase(Table::deliveries, BigEndian(row).view());
  return rows.size();
}

}  // namespace xion
