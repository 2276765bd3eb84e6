#include "app/owners/webhooks.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// How often the store is asked for due deliveries.
constexpr Millis look_interval{250};
constexpr Millis webhook_store_pause{1'000};
/// At once, in all and to one webhook: a slow receiver must not keep the others waiting.
constexpr std::size_t attempts_at_once = 64;
constexpr std::size_t attempts_at_once_each = 8;
/// Due deliveries that are looked at, those of slow receivers among them.
constexpr std::size_t due_limit = 512;

std::string base64(std::string_view octets) {
  return absl::Base64Escape(absl::string_view(octets.data(), octets.size()));
}

}  // namespace

std::string webhook_secret_text(const Secret& secret) { return "whsec_" + base64(secret.reveal()); }

std::string webhook_signature(Vault& vault, const Secret& secret, std::string_view content) {
  const Digest digest = vault.sign(secret, content);
  return "v1," + base64(as_text(digest));
}

std::vector<std::pair<std::string, std::string>> webhook_headers(const Webhook& webhook,
                                                                 const WebhookDelivery& delivery, Vault& vault,
                                                                 WallTime now) {
  const std::string id = webhook_message_id(delivery.id);
  const std::int64_t at = unix_millis(now) / 1000;
  const std::string content = webhook_signed_content(id, at, delivery.payload);
  std::string signatures;
  for (const WebhookSecret& kept : webhook.secrets) {
    if (kept.until && *kept.until <= now) continue;
    const auto secret = vault.open_phone(kept.sealed_as, kept.sealed);
    if (!secret) continue;
    if (!signatures.empty()) signatures.push_back(' ');
    signatures += webhook_signature(vault, *secret, content);
  }
  return {{"Content-Type", "application/json"},
          {"User-Agent", "XionID-Webhooks/1"},
          {"webhook-id", id},
          {"webhook-timestamp", std::to_string(at)},
          {"webhook-signature", signatures}};
}

Webhooks::Webhooks(Services& services, HttpClient& http)
    : services_(services), http_(http), timer_(services.loop.timer([this] { look(); })) {}

void Webhooks::start() { look_again(Millis{0}); }

void Webhooks::stop() {
  is_stopping_ = true;
  timer_->stop();
}

void Webhooks::tell(AppId app, std::string_view type, std::string data) {
  run_task(
      services_.store,
      [app, type = std::string(type), data = std::move(data)](Txn& txn) {
        txn.tell(app, type, data);
        return 0;
      },
      [this](Commit, int&) { look_soon(); });
}

/// What a look under way does not see yet, the next one does.
void Webhooks::look_soon() {
  if (is_looking_)
    is_wanted_ = true;
  else
    look_again(Millis{0});
}

void Webhooks::look_again(Millis after) {
  if (!is_stopping_) timer_->start(after);
}

void Webhooks::look() {
  if (is_looking_ || is_stopping_) return;
  is_looking_ = true;
  run_task(
      services_.store,
      [now = services_.loop.wall_now()](Txn& txn) {
        Due due;
        due.webhooks = txn.webhooks();
        // Where there is no webhook nothing that waits can ever be delivered: it is dropped, whenever it is due.
        due.deliveries = txn.due_deliveries(due.webhooks.empty() ? WallTime::max() : now, due_limit);
        return due;
      },
      [this](Commit commit, Due& due) {
        is_looking_ = false;
        if (commit != Commit::durable) return look_again(webhook_store_pause);
        // An attempt whose outcome can't be kept would be made again and again.
        if (!due.deliveries.empty() && !services_.store.status().is_writable) return look_again(webhook_store_pause);
        for (const WebhookDelivery& delivery : due.deliveries) {
          if (in_flight_.size() >= attempts_at_once) break;
          if (in_flight_.contains(delivery.id)) continue;
          const auto webhook = std::ranges::find(due.webhooks, delivery.webhook, &Webhook::id);
          if (webhook == due.webhooks.end()) {
            drop(delivery.id);
          } else if (!webhook->disabled.empty()) {
            store_outcome(delivery.id, {410, webhook->disabled});
          } else if (in_flight_of_[delivery.webhook] < attempts_at_once_each) {
            attempt(*webhook, delivery);
          }
        }
        // Without a webhook nothing is queued, until one is made: who makes it says so.
        const bool is_idle = due.webhooks.empty() && due.deliveries.empty();
        if (std::exchange(is_wanted_, false))
          look_again(Millis{0});
        else if (!is_idle)
          look_again(look_interval);
      });
}

void Webhooks::attempt(const Webhook& webhook, const WebhookDelivery& delivery) {
  in_flight_.insert(delivery.id);
  ++in_flight_of_[webhook.id];
  OutgoingPost post{.url = webhook.url,
                    .headers = webhook_headers(webhook, delivery, services_.loop_vault, services_.loop.wall_now()),
                    .body = delivery.payload,
                    .time_limit = services_.settings->webhooks.time_limit,
                    .may_be_private = services_.settings->webhooks.allow_private};
  http_.post(std::move(post),
             [this, alive = std::weak_ptr(is_alive_), id = delivery.id, webhook = webhook.id](PostOutcome outcome) {
               if (alive.expired()) return;
               if (const auto count = in_flight_of_.find(webhook); --count->second == 0) in_flight_of_.erase(count);
               settle(id, std::move(outcome));
             });
}

void Webhooks::settle(std::uint64_t id, PostOutcome outcome) {
  AttemptResult result{outcome.http_status, std::move(outcome.error)};
  if (result.error.empty() && (result.http_status < 200 || result.http_status > 299))
    result.error = fmt::format("answered {}", result.http_status);
  store_outcome(id, std::move(result));
}

/// In flight until the outcome is durable, so that no look takes it up again before.
void Webhooks::store_outcome(std::uint64_t id, AttemptResult result) {
  in_flight_.insert(id);
  std::array<std::uint8_t, 2> random{};
  services_.entropy.fill(random);
  const auto jitter = static_cast<std::uint16_t>(random[0] << 8 | random[1]);
  run_task(
      services_.store,
      [id, result, jitter, now = services_.loop.wall_now()](Txn& txn) {
        auto delivery = txn.delivery(id);
        if (!delivery || delivery->state != DeliveryState::pending) return std::string();
        const bool is_gone = settle_attempt(*delivery, result, jitter, now);
        txn.put(*delivery);
        if (!is_gone) return std::string();
        for (Webhook& webhook : txn.webhooks()) {
          if (webhook.id != delivery->webhook || !webhook.disabled.empty()) continue;
          webhook.disabled = "it answered 410 Gone";
          txn.put(webhook);
          return webhook.id;
        }
        return std::string();
      },
      [this, id, result](Commit commit, std::string& disabled) {
        in_flight_.erase(id);
        if (commit != Commit::durable)
          return look_again(webhook_store_pause);  // It is made again: a repeat, not a loss.
        if (!disabled.empty())
          log::warning("webhook.disabled",
                       "webhook={} reason=\"it answered 410 Gone\" hint=\"xionctl webhook enable {}\"", disabled,
                       disabled);
        if (!result.error.empty())
          log::info("webhook.attempt_failed", "delivery={} reason=\"{}\"", webhook_message_id(id), result.error);
      });
}

/// Its webhook was removed.
void Webhooks::drop(std::uint64_t id) {
  in_flight_.insert(id);
  run_task(
      services_.store,
      [id](Txn& txn) {
        if (auto delivery = txn.delivery(id)) {
          delivery->state = DeliveryState::failed;
          delivery->error = "the webhook was removed";
          txn.put(*delivery);
        }
        return 0;
      },
      [this, id](Commit, int&) { in_flight_.erase(id); });
}

}  // namespace xion
