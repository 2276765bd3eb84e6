#include "app/owners/webhooks.h"

#include <absl/strings/escaping.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "app/delivery/traced.h"
#include "base/log.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// How often the store is asked for due deliveries while nothing is to be done, and while there was something lately.
constexpr Millis idle_interval{250};
constexpr Millis busy_interval{20};
constexpr Millis webhook_store_pause{1'000};
/// To all webhooks at once.
constexpr std::size_t calls_at_once = 256;
/// Receivers of batches get few calls, each of which has as much as waits.
constexpr std::size_t batch_calls_most = 8;
/// Until what a turn brought is durable a quick receiver answers each slot so often.
constexpr std::size_t calls_of_turn = 8;
/// Deliveries in memory, some hundred octets each.
constexpr std::size_t taken_at_most = 16'384;
/// Of one webhook's failures the log tells no more often.
constexpr Millis complaint_interval{1'000};
/// What is known of the pace of a receiver is forgotten when nothing was for it for so long.
constexpr Millis pace_kept{10 * 60'000};

std::string base64(std::string_view octets) {
  return absl::Base64Escape(absl::string_view(octets.data(), octets.size()));
}

ReceiverPace fresh_pace(const Webhook& webhook) {
  return ReceiverPace(webhook.batch == 0 ? ReceiverPace::slots_most : batch_calls_most);
}

}  // namespace

std::string webhook_secret_text(const Secret& secret) { return "whsec_" + base64(secret.reveal()); }

std::string webhook_signature(Vault& vault, const Secret& secret, std::string_view content) {
  const Digest digest = vault.sign(secret, content);
  return "v1," + base64(as_text(digest));
}

std::vector<std::pair<std::string, std::string>> webhook_headers(const Webhook& webhook, std::string_view id,
                                                                 std::string_view payload, Vault& vault, WallTime now) {
  const std::int64_t at = unix_millis(now) / 1000;
  const std::string content = webhook_signed_content(id, at, payload);
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
          {"webhook-id", std::string(id)},
          {"webhook-timestamp", std::to_string(at)},
          {"webhook-signature", signatures}};
}

Webhooks::Webhooks(Services& services, HttpClient& http)
    : services_(services), http_(http), timer_(services.loop.timer([this] { turn(); })) {}

void Webhooks::start() { turn_again(Millis{0}); }

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

ReceiverView Webhooks::view(std::string_view webhook) const {
  const auto known = receivers_.find(webhook);
  if (known == receivers_.end()) return {};
  const Receiver& receiver = known->second;
  return {receiver.calls, receiver.pace.slots(), receiver.pace.is_resting(services_.loop.now())};
}

WebhookMeasures Webhooks::measures() const {
  WebhookMeasures told = measures_;
  const MonoTime now = services_.loop.now();
  told.silent = static_cast<std::size_t>(
      std::ranges::count_if(receivers_, [&](const auto& one) { return one.second.pace.is_resting(now); }));
  return told;
}

void Webhooks::look_soon() { turn_soon(); }

/// What a turn under way does not see yet, the next one does.
void Webhooks::turn_soon() {
  if (is_turning_)
    is_wanted_ = true;
  else
    turn_again(Millis{0});
}

void Webhooks::turn_again(Millis after) {
  if (!is_stopping_) timer_->start(after);
}

void Webhooks::turn() {
  if (is_turning_ || is_stopping_) return;
  is_turning_ = true;
  is_wanted_ = false;
  run_task(
      services_.store, [turn = next_turn()](Txn& txn) { return take_webhook_turn(txn, turn); },
      [this](Commit commit, WebhookTurnTaken& taken) { finish_turn(commit, taken); });
}

/// A receiver may be given what its slots take some times: what is called for, and what is called for until the next
/// turn is durable.
WebhookTurn Webhooks::next_turn() {
  const MonoTime now = services_.loop.now();
  std::array<std::uint8_t, 2> random{};
  services_.entropy.fill(random);
  WebhookTurn turn{.now = services_.loop.wall_now(),
                   .ended = std::exchange(ended_, {}),
                   .jitter = static_cast<std::uint16_t>(random[0] << 8 | random[1]),
                   .wishes = {},
                   .limit = ReceiverPace::slots_first,
                   .limit_of_all = taken_ < taken_at_most ? taken_at_most - taken_ : 0};
  settled_ = std::exchange(to_settle_, {});
  const std::size_t share = std::max<std::size_t>(webhook_batch_max, taken_at_most / (receivers_.size() + 1));
  for (const auto& [webhook, receiver] : receivers_) {
    const bool may_begin = receiver.calls > 0 || receiver.pace.room(0, now) > 0;
    const std::size_t calls = receiver.pace.is_resting(now) ? 1 : calls_of_turn * receiver.pace.slots();
    const std::size_t most = may_begin ? std::min(share, calls * receiver.webhook.events_in_call()) : 0;
    // Those whose end comes with this turn wait no more when it takes out.
    const std::size_t taken = receiver.ready.size() + receiver.calls * receiver.webhook.events_in_call();
    turn.wishes.emplace(
        webhook, WebhookTurn::Wish{most > taken ? most - taken : 0, {receiver.taken.begin(), receiver.taken.end()}});
  }
  return turn;
}

void Webhooks::finish_turn(Commit commit, WebhookTurnTaken& taken) {
  is_turning_ = false;
  release_settled();
  if (is_stopping_) return;
  if (commit != Commit::durable) return turn_again(webhook_store_pause);  // They are made again: repeats, not losses.
  measures_.waiting = taken.waiting;
  measures_.dropped = taken.dropped;
  for (const std::string& webhook : taken.disabled)
    log::warning("webhook.disabled", "webhook={} reason=\"it answered 410 Gone\" hint=\"xionctl webhook enable {}\"",
                 webhook, webhook);
  // An attempt whose end can't be kept would be made again and again.
  if (!taken.due.empty() && !services_.store.status().is_writable) return turn_again(webhook_store_pause);
  for (WebhookTurnTaken::Due& due : taken.due) take_over(due);
  forget_idle();
  call_all();
  if (is_wanted_ || !ended_.empty() || (taken.has_more && taken.due.empty())) return turn_again(Millis{0});
  // Without a webhook nothing is queued, until one is made: who makes it says so.
  if (!taken.is_idle) turn_again(taken.due.empty() && calls_ == 0 ? idle_interval : busy_interval);
}

void Webhooks::release_settled() {
  for (const auto& [webhook, delivery] : std::exchange(settled_, {})) {
    const auto known = receivers_.find(webhook);
    if (known != receivers_.end()) taken_ -= known->second.taken.erase(delivery);
  }
}

void Webhooks::take_over(WebhookTurnTaken::Due& due) {
  auto known = receivers_.find(due.webhook.id);
  if (known == receivers_.end())
    known = receivers_.emplace(due.webhook.id, Receiver{due.webhook, fresh_pace(due.webhook), {}, {}, 0, {}}).first;
  Receiver& receiver = known->second;
  if (receiver.webhook.batch != due.webhook.batch) receiver.pace = fresh_pace(due.webhook);
  receiver.webhook = std::move(due.webhook);
  receiver.used_at = services_.loop.now();
  for (WebhookDelivery& delivery : due.deliveries) {
    if (!receiver.taken.insert(delivery.id).second) continue;
    ++taken_;
    receiver.ready.push_back(std::move(delivery));
  }
}

void Webhooks::forget_idle() {
  const MonoTime now = services_.loop.now();
  std::erase_if(receivers_, [&](const auto& one) {
    const Receiver& receiver = one.second;
    return receiver.taken.empty() && receiver.calls == 0 && now - receiver.used_at > pace_kept;
  });
}

bool Webhooks::may_call(const Receiver& receiver) const {
  return !is_stopping_ && calls_ < calls_at_once && !receiver.ready.empty() &&
         receiver.pace.room(receiver.calls, services_.loop.now()) > 0;
}

/// One call each, round by round, from the one after who had the last.
void Webhooks::call_all() {
  bool has_called = true;
  while (std::exchange(has_called, false)) {
    auto next = receivers_.upper_bound(served_last_);
    for (std::size_t left = receivers_.size(); left > 0; --left) {
      if (next == receivers_.end()) next = receivers_.begin();
      auto& [name, receiver] = *next++;
      if (!may_call(receiver)) continue;
      served_last_ = name;
      call(receiver);
      has_called = true;
    }
  }
}

void Webhooks::call(Receiver& receiver) {
  const Webhook& webhook = receiver.webhook;
  std::vector<WebhookDelivery> deliveries;
  while (deliveries.size() < webhook.events_in_call() && !receiver.ready.empty() &&
         (deliveries.empty() || receiver.ready.front().url == deliveries.front().url)) {
    deliveries.push_back(std::move(receiver.ready.front()));
    receiver.ready.pop_front();
  }
  Call call{webhook.id, {}, services_.loop.now(), {}};
  for (const WebhookDelivery& delivery : deliveries) call.deliveries.push_back(delivery.id);
  ++calls_;
  ++receiver.calls;
  receiver.used_at = call.began;
  receiver.pace.called(call.began);
  const bool is_batch = webhook.batch > 0;
  const WebhookDelivery& first = deliveries.front();
  const std::string id = is_batch ? webhook_batch_id(deliveries) : webhook_message_id(first.id);
  std::string body = is_batch ? webhook_batch_payload(deliveries) : first.payload;
  auto headers = webhook_headers(webhook, id, body, services_.loop_vault, services_.loop.wall_now());
  const std::string url = first.url.empty() ? webhook.url : first.url;
  if (!is_batch) call.span = traced::webhook_call(first, url);
  if (call.span) headers.emplace_back("traceparent", tracing::traceparent(call.span->span.context));
  http_.post({.url = url,
              .headers = std::move(headers),
              .body = std::move(body),
              .time_limit = services_.settings->webhooks.time_limit,
              .may_be_private = services_.settings->webhooks.allow_private},
             [this, alive = std::weak_ptr(is_alive_), call = std::move(call)](PostOutcome outcome) {
               if (!alive.expired()) ended(call, std::move(outcome));
             });
}

void Webhooks::ended(const Call& call, PostOutcome outcome) {
  Receiver& receiver = receivers_.at(call.webhook);
  --calls_;
  --receiver.calls;
  note_pace(receiver, call, outcome);
  traced::webhook_answered(call.span, outcome);
  AttemptResult result{outcome.http_status, std::move(outcome.error)};
  if (result.error.empty() && (result.http_status < 200 || result.http_status > 299))
    result.error = fmt::format("answered {}", result.http_status);
  (result.error.empty() ? measures_.delivered : measures_.failed) += call.deliveries.size();
  if (!result.error.empty()) complain(receiver, call, result);
  for (const std::uint64_t delivery : call.deliveries) {
    ended_.push_back({delivery, result});
    to_settle_.emplace_back(call.webhook, delivery);
  }
  turn_soon();
  if (calls_ + 1 == calls_at_once)
    call_all();  // Others may have waited for it.
  else if (may_call(receiver))
    this->call(receiver);
}

void Webhooks::note_pace(Receiver& receiver, const Call& call, const PostOutcome& outcome) {
  const MonoTime now = services_.loop.now();
  const bool has_turned = receiver.pace.ended(call_end_of(outcome.http_status), now - call.began, now);
  if (!receiver.pace.is_resting(now)) {
    if (has_turned) log::info("webhook.answers", "webhook={}", call.webhook);
    return;
  }
  if (has_turned)
    log::warning("webhook.silent", "webhook={} reason=\"{}\" hint=\"it is called now and then until it answers\"",
                 call.webhook, outcome.error);
  for (const WebhookDelivery& delivery : std::exchange(receiver.ready, {})) taken_ -= receiver.taken.erase(delivery.id);
}

void Webhooks::complain(Receiver& receiver, const Call& call, const AttemptResult& result) {
  const MonoTime now = services_.loop.now();
  receiver.failed_events += call.deliveries.size();
  if (receiver.complained_at != MonoTime::min() && now - receiver.complained_at < complaint_interval) return;
  receiver.complained_at = now;
  log::info("webhook.attempt_failed", "webhook={} delivery={} events={} reason=\"{}\"", call.webhook,
            webhook_message_id(call.deliveries.front()), std::exchange(receiver.failed_events, 0), result.error);
}

}  // namespace xion
