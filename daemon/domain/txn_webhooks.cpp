// What a change of a request tells, and the queue of deliveries.
#include <algorithm>
#include <array>
#include <functional>

#include "base/log.h"
#include "core/owners/webhook_events.h"
#include "core/phone.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// Rows that a listing looks at.
constexpr std::size_t listing_limit = 100'000;

constexpr std::array both{RowKind::waiting, RowKind::over};

}  // namespace

std::vector<Webhook> Txn::webhooks() { return records_.webhooks(); }
void Txn::put(const Webhook& webhook) { put_thing(webhook); }

std::optional<Webhook> Txn::webhook(std::string_view id) {
  const auto& all = records_.webhooks();
  const auto known = std::ranges::find(all, id, &Webhook::id);
  return known == all.end() ? std::nullopt : std::optional(*known);
}

void Txn::remove_webhook(std::string_view id) {
  erase_thing<Webhook>(id);
  records_.erase_thing(ThingKind::webhook_health, id);
}

bool Txn::has_webhook(AppId app) {
  return std::ranges::any_of(records_.webhooks(), [&](const Webhook& webhook) { return webhook.app == app; });
}

void Txn::tell_webhooks(const Otp* before, const Otp& after) {
  const auto types = webhook_events(before, after);
  if (types.empty()) return;
  const auto app = records_.thing(ThingKind::app, BigEndian(after.app).view());
  const auto named = app ? app_from_record(*app) : std::nullopt;
  const auto phone = vault_ != nullptr ? vault_->open(after.id, after.phone_sealed) : std::nullopt;
  const std::string masked = phone ? mask_phone(phone->reveal(), after.calling_prefix) : std::string();
  for (const std::string_view type : types)
    tell(after.app, type, webhook_data(type, after, named ? named->name : std::string(), masked), after.callback_url);
}

void Txn::tell(AppId app, std::string_view type, std::string_view data) { tell(app, type, data, {}); }

/// A callback webhook hears of those requests alone that name it.
void Txn::tell(AppId app, std::string_view type, std::string_view data, std::string_view callback_url) {
  const auto& all = records_.webhooks();
  const Webhook* callback = callback_url.empty() ? nullptr : callback_webhook(all, app, callback_url);
  std::string payload;
  for (const Webhook& webhook : all) {
    if ((app != every_app && webhook.app != app) || !webhook.wants(type)) continue;
    if (webhook.is_callback && &webhook != callback) continue;
    if (payload.empty()) payload = webhook_payload(type, now_, data);
    queue(webhook, type, payload, webhook.is_callback ? callback_url : std::string_view());
  }
}

/// Who waits longest keeps its place: what is new is dropped, and counted.
std::uint64_t Txn::queue(const Webhook& webhook, std::string_view type, std::string payload, std::string_view url) {
  if (!has_room_for_delivery(records_.waiting_of(webhook.app), records_.count(RowKind::waiting))) {
    drop_delivery(webhook, type);
    return 0;
  }
  WebhookDelivery delivery;
  delivery.id = records_.next_row(now_);
  delivery.webhook = webhook.id;
  delivery.app = webhook.app;
  delivery.type = type;
  delivery.url = url;
  delivery.payload = std::move(payload);
  delivery.made_at = delivery.next_at = now_;
  put(delivery);
  return delivery.id;
}

/// Said once an hour, since at the pace of traffic it would fill the log.
void Txn::drop_delivery(const Webhook& webhook, std::string_view type) {
  ++dropped_deliveries_;
  WebhookHealth health = webhook_health(webhook.id);
  if (health.at(now_).dropped++ == 0)
    log::error("webhook.queue.full", "webhook={} type={} waiting={} hint=\"xionctl webhook show {}\"", webhook.id, type,
               records_.waiting_of(webhook.app), webhook.id);
  put_webhook_health(webhook.id, health);
}

WebhookHealth Txn::webhook_health(std::string_view webhook) {
  const auto record = records_.thing(ThingKind::webhook_health, webhook);
  if (!record) return {};
  auto health = webhook_health_from_record(*record);
  if (!health) records_.record_is_unreadable(to_string(ThingKind::webhook_health), webhook);
  return health.value_or(WebhookHealth{});
}

void Txn::put_webhook_health(std::string_view webhook, const WebhookHealth& health) {
  records_.put_thing(ThingKind::webhook_health, webhook, to_record(health));
}

std::vector<WaitingDeliveries> Txn::waiting_deliveries() { return records_.waiting_deliveries(); }
bool Txn::has_waiting_delivery() { return records_.count(RowKind::waiting) > 0; }

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

std::optional<WebhookDelivery> Txn::waiting_delivery(std::uint64_t id) {
  auto row = records_.row(RowKind::waiting, id);
  return row ? std::optional(std::get<WebhookDelivery>(std::move(*row))) : std::nullopt;
}

std::vector<WebhookDelivery> Txn::due_deliveries(std::string_view webhook, WallTime until, std::size_t limit,
                                                 std::span<const std::uint64_t> except) {
  std::vector<WebhookDelivery> due;
  for (const RowId id : records_.due(webhook, until, limit + except.size())) {
    if (due.size() >= limit) break;
    if (std::ranges::binary_search(except, id)) continue;
    if (auto row = records_.row(RowKind::waiting, id)) due.push_back(std::get<WebhookDelivery>(std::move(*row)));
  }
  return due;
}

std::optional<RowId> Txn::erase_told(RowKind kind, std::span<const std::string> requests, RowId from, RowId until,
                                     std::size_t limit) {
  const auto tells = [&](const Row& row) {
    const auto* delivery = std::get_if<WebhookDelivery>(&row);
    const auto* kept = std::get_if<KeptAnswer>(&row);
    std::string_view said;
    if (delivery != nullptr) said = delivery->payload;
    if (kept != nullptr) said = kept->answer.body;
    return std::ranges::any_of(requests, [&](const std::string& id) { return said.contains(id); });
  };
  std::vector<RowId> found;
  std::optional<RowId> rest;
  std::size_t seen = 0;
  records_.rows_from(kind, from, [&](RowId id, const Row* row) {
    if (id >= until) return false;
    if (seen++ == limit) {
      rest = id;
      return false;
    }
    if (row != nullptr && tells(*row)) found.push_back(id);
    return true;
  });
  for (const RowId id : found) records_.erase(kind, id);
  return rest;
}

std::vector<WebhookDelivery> Txn::deliveries(std::string_view webhook, const DeliveryFilter& filter,
                                             std::size_t limit) {
  std::vector<WebhookDelivery> found;
  if (limit == 0) return found;
  const auto fits = [&](const WebhookDelivery& one) {
    return one.webhook == webhook && (filter.before == 0 || one.id < filter.before) &&
           (!filter.state || one.state == *filter.state);
  };
  for (const RowKind kind : both) {
    std::size_t of_this_kind = 0, seen = 0;
    records_.scan(kind, OtpRange::Order::newest_first, [&](RowId, const Row* row) {
      const auto* delivery = row != nullptr ? &std::get<WebhookDelivery>(*row) : nullptr;
      if (delivery != nullptr && fits(*delivery)) {
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
