#include "app/owners/webhook_turn.h"

#include <algorithm>

#include "domain/txn.h"

namespace xion {
namespace {

/// Deliveries that can't be made any more are ended so many at a time, so that nobody waits long for the commit.
constexpr std::size_t ended_at_once = 500;
/// Due for longer than that without having been tried: their receiver is gone, and what they tell is old.
constexpr std::chrono::days waited_at_most{4};

/// Ends due deliveries without a call. Returns whether there may be more.
bool end_unmade(Txn& txn, std::string_view webhook, WallTime until, const std::string& reason,
                std::span<const std::uint64_t> except = {}) {
  auto due = txn.due_deliveries(webhook, until, ended_at_once, except);
  for (WebhookDelivery& delivery : due) {
    delivery.state = DeliveryState::failed;
    delivery.error = reason;
    txn.put(delivery);
  }
  return due.size() == ended_at_once;
}

void note(WebhookHealth& health, const WebhookDelivery& delivery, const AttemptResult& result, WallTime now) {
  WebhookHealth::Sums& sums = health.at(now);
  if (delivery.state == DeliveryState::delivered) {
    ++sums.delivered;
    health.delivered_at = now;
    return;
  }
  ++sums.failed;
  if (delivery.state == DeliveryState::failed) ++sums.given_up;
  health.failed_at = now;
  health.last_status = result.http_status;
  health.last_error = result.error;
}

void settle_all(Txn& txn, const WebhookTurn& turn, WebhookTurnTaken& taken) {
  std::map<std::string, WebhookHealth, std::less<>> healths;
  for (const EndedAttempt& ended : turn.ended) {
    auto delivery = txn.waiting_delivery(ended.delivery);
    if (!delivery) continue;
    const bool is_gone = settle_attempt(*delivery, ended.result, turn.jitter, turn.now);
    txn.put(*delivery);
    auto health = healths.find(delivery->webhook);
    if (health == healths.end())
      health = healths.emplace(delivery->webhook, txn.webhook_health(delivery->webhook)).first;
    note(health->second, *delivery, ended.result, turn.now);
    if (!is_gone) continue;
    auto webhook = txn.webhook(delivery->webhook);
    if (!webhook || !webhook->disabled.empty()) continue;
    webhook->disabled = "it answered 410 Gone";
    txn.put(*webhook);
    taken.disabled.push_back(webhook->id);
  }
  for (const auto& [webhook, health] : healths) {
    if (txn.webhook(webhook)) txn.put_webhook_health(webhook, health);
  }
}

}  // namespace

WebhookTurnTaken take_webhook_turn(Txn& txn, const WebhookTurn& turn) {
  WebhookTurnTaken taken;
  settle_all(txn, turn, taken);
  const auto waiting = txn.waiting_deliveries();
  std::size_t left = turn.limit_of_all;
  taken.dropped = txn.dropped_deliveries();
  for (const WaitingDeliveries& of : waiting) {
    taken.waiting += of.count;
    const auto webhook = txn.webhook(of.webhook);
    // Whenever it is due, it can never be delivered.
    if (!webhook) taken.has_more |= end_unmade(txn, of.webhook, WallTime::max(), "the webhook was removed");
    if (!webhook || of.next_at > turn.now) continue;
    if (!webhook->disabled.empty()) {
      taken.has_more |= end_unmade(txn, of.webhook, turn.now, webhook->disabled);
      continue;
    }
    static const WebhookTurn::Wish none_taken{};
    const auto wish = turn.wishes.find(of.webhook);
    const auto& except = wish == turn.wishes.end() ? none_taken.taken : wish->second.taken;
    if (of.next_at < turn.now - waited_at_most)
      end_unmade(txn, of.webhook, turn.now - waited_at_most, "nobody answered for four days", except);
    const std::size_t limit =
        std::min(left, wish == turn.wishes.end() ? turn.limit * webhook->events_in_call() : wish->second.limit);
    auto due = txn.due_deliveries(of.webhook, turn.now, limit, except);
    if (due.empty()) continue;
    left -= due.size();
    taken.has_more |= due.size() == limit;
    taken.due.push_back({*webhook, std::move(due)});
  }
  taken.is_idle = !txn.has_waiting_delivery() && txn.webhooks().empty();
  return taken;
}

}  // namespace xion
