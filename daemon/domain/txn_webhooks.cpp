// What a change of a request tells, and the queue of deliveries.
#include <algorithm>
#include <array>
#include <functional>

#include "base/log.h"
#include "core/owners/webhook_events.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// Rows that a listing looks at.
constexpr std::size_t listing_limit = 100'000;

constexpr std::array both{RowKind::waiting, RowKind::over};

}  // namespace

std::vector<Webhook> Txn::webhooks() { return records_.webhooks(); }
void Txn::put(const Webhook& webhook) { put_thing(webhook); }
void Txn::remove_webhook(std::string_view id) { erase_thing<Webhook>(id); }

bool Txn::has_webhook(AppId app) {
  return std::ranges::any_of(records_.webhooks(), [&](const Webhook& webhook) { return webhook.app == app; });
}

void Txn::tell_webhooks(const Otp* before, const Otp& after) {
  for (const WebhookEvent& event : webhook_events(before, after)) tell(after.app, event.type, event.data);
}

void Txn::tell(AppId app, std::string_view type, std::string_view data) {
  std::string payload;
  for (const Webhook& webhook : records_.webhooks()) {
    if ((app != every_app && webhook.app != app) || !webhook.wants(type)) continue;
    if (payload.empty()) payload = webhook_payload(type, now_, data);
    queue(webhook, type, payload);
  }
}

std::uint64_t Txn::queue(const Webhook& webhook, std::string_view type, std::string payload) {
  if (records_.count(RowKind::waiting) >= waiting_deliveries_max) {
    log::error("webhook.queue.full", "webhook={} type={} limit={}", webhook.id, type, waiting_deliveries_max);
    return 0;
  }
  WebhookDelivery delivery;
  delivery.id = records_.next_row(now_);
  delivery.webhook = webhook.id;
  delivery.app = webhook.app;
  delivery.type = type;
  delivery.payload = std::move(payload);
  delivery.made_at = delivery.next_at = now_;
  put(delivery);
  return delivery.id;
}

/// Those that wait are apart from those that are over, so that a start reads no others.
void Txn::put(const WebhookDelivery& delivery) {
  const bool is_waiting = delivery.state == DeliveryState::pending;
  records_.put(is_waiting ? RowKind::waiting : RowKind::over, delivery.id, delivery);
  records_.erase(is_waiting ? RowKind::over : RowKind::waiting, delivery.id);
}

std::optional<WebhookDelivery> Txn::delivery(std::uint64_t id) {
  for (const RowKind kind : both) {
    if (auto row = records_.row(kind, id)) return std::get<WebhookDelivery>(std::move(*row));
  }
  return std::nullopt;
}

std::vector<WebhookDelivery> Txn::due_deliveries(WallTime until, std::size_t limit) {
  std::vector<WebhookDelivery> due;
  for (const RowId id : records_.due(until, limit)) {
    if (auto row = records_.row(RowKind::waiting, id)) due.push_back(std::get<WebhookDelivery>(std::move(*row)));
  }
  return due;
}

std::vector<WebhookDelivery> Txn::deliveries(std::string_view webhook, std::size_t limit) {
  std::vector<WebhookDelivery> found;
  if (limit == 0) return found;
  for (const RowKind kind : both) {
    std::size_t of_this_kind = 0, seen = 0;
    records_.scan(kind, OtpRange::Order::newest_first, [&](RowId, const Row* row) {
      const auto* delivery = row != nullptr ? &std::get<WebhookDelivery>(*row) : nullptr;
      if (delivery != nullptr && delivery->webhook == webhook) {
        found.push_back(*delivery);
        ++of_this_kind;
      }
      return of_this_kind < limit && ++seen < listing_limit;
    });
  }
  std::ranges::sort(found, std::greater{}, &WebhookDelivery::id);
  if (found.size() > limit) found.resize(limit);
  return found;
}

}  // namespace xion
