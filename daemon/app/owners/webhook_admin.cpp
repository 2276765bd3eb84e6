#include "app/owners/webhook_admin.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "app/owners/webhooks.h"
#include "core/owners/public_network.h"
#include "domain/txn.h"

namespace xion {
namespace {

constexpr std::size_t webhook_secret_octets = 32;
/// For so long a receiver may go on with the secret before.
constexpr std::chrono::hours rotation_overlap{24};
constexpr std::string_view test_type = "webhook.test";

Refusal no_such_webhook(std::string_view id) {
  return {fmt::format("there is no webhook {}", id), "`xionctl webhook list` shows them"};
}
Refusal store_is_in_trouble() { return {"the store can't be written", "`xionctl status` tells more"}; }

Refusal no_such_delivery(std::string_view message) {
  return {fmt::format("there is no delivery {}", message), "`xionctl webhook deliveries WEBHOOK` shows them"};
}

/// Crockford's letters, as in request ids.
std::string fresh_webhook_id(Services& services) {
  OtpId random;
  services.entropy.fill(random.octets);
  std::string text = to_string(random).substr(4);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return "wh_" + text;
}

std::optional<Webhook> webhook_named(Txn& txn, std::string_view id) {
  for (Webhook& webhook : txn.webhooks()) {
    if (webhook.id == id) return std::move(webhook);
  }
  return std::nullopt;
}

/// Changes one webhook in the store; `done` gets it as it is then.
template <typename Change>
void change_webhook(Services& services, std::string id, Change change, AdminDone<Webhook> done) {
  run_task(
      services.store,
      [id, change](Txn& txn) {
        auto webhook = webhook_named(txn, id);
        if (webhook) change(txn, *webhook);
        return webhook;
      },
      [id, done = std::move(done)](Commit commit, std::optional<Webhook>& webhook) mutable {
        if (commit != Commit::durable) return done(std::unexpected(store_is_in_trouble()));
        if (!webhook) return done(std::unexpected(no_such_webhook(id)));
        done(std::move(*webhook));
      });
}

void look_soon(Services& services) {
  if (services.webhooks != nullptr) services.webhooks->look_soon();
}

std::optional<Refusal> trouble_in_types(const std::vector<std::string>& types) {
  for (const std::string& type : types) {
    if (is_webhook_type(type)) continue;
    return Refusal{fmt::format("there is no event type {}", type),
                   fmt::format("types: {}", fmt::join(webhook_types, " "))};
  }
  return std::nullopt;
}

}  // namespace

std::uint64_t delivery_named(std::string_view message) {
  std::uint64_t id = 0;
  if (message.starts_with("msg_")) std::from_chars(message.data() + 4, message.data() + message.size(), id, 16);
  return id;
}

FreshSecret fresh_webhook_secret(Services& services) {
  std::string octets(webhook_secret_octets, '\0');
  services.entropy.fill({reinterpret_cast<std::uint8_t*>(octets.data()), octets.size()});
  const Secret secret(std::move(octets));
  FreshSecret fresh;
  services.entropy.fill(fresh.kept.sealed_as.octets);  // Random, so that nothing else was ever sealed under it.
  fresh.kept.sealed = services.loop_vault.seal(fresh.kept.sealed_as, secret.reveal());
  fresh.shown = webhook_secret_text(secret);
  return fresh;
}

std::optional<Refusal> trouble_in_webhook(const Settings& settings, const Webhook& webhook) {
  if (auto trouble = trouble_in_webhook_url(webhook.url))
    return Refusal{std::move(*trouble), "such as https://example.com/hooks/otp"};
  if (!settings.webhooks.allow_private && has_private_host(webhook.url))
    return Refusal{"this URL leads to a private or loopback address, where no event would be sent",
                   "webhooks.allow_private = true in the configuration allows it"};
  return trouble_in_types(webhook.types);
}

void add_webhook(Services& services, WebhookWish wish, AdminDone<NewWebhook> done) {
  const auto app = services.directory.app_named(wish.app);
  if (!app)
    return done(std::unexpected(Refusal{fmt::format("there is no app {}", wish.app), "`xionctl app list` shows them"}));
  if (wish.batch && (*wish.batch < 1 || *wish.batch > webhook_batch_max))
    return done(std::unexpected(
        Refusal{fmt::format("--batch {}: a call has 1–{} events", *wish.batch, webhook_batch_max), "without it: one"}));
  NewWebhook made;
  made.webhook.id = fresh_webhook_id(services);
  made.webhook.app = app->app.id;
  made.webhook.url = std::move(wish.url);
  made.webhook.types = std::move(wish.types);
  made.webhook.batch = static_cast<std::uint8_t>(wish.batch.value_or(0));
  made.webhook.is_callback = wish.is_callback;
  if (auto trouble = trouble_in_webhook(*services.settings, made.webhook))
    return done(std::unexpected(std::move(*trouble)));
  auto secret = fresh_webhook_secret(services);
  made.webhook.secrets.push_back(std::move(secret.kept));
  made.webhook.created_at = services.loop.wall_now();
  made.secret = std::move(secret.shown);
  run_task(
      services.store,
      [webhook = made.webhook](Txn& txn) {
        const auto all = txn.webhooks();
        if (std::ranges::count(all, webhook.app, &Webhook::app) >= static_cast<std::ptrdiff_t>(webhooks_of_an_app))
          return false;
        txn.put(webhook);
        return true;
      },
      [&services, made, done = std::move(done)](Commit commit, bool& has_room) mutable {
        if (commit != Commit::durable) return done(std::unexpected(store_is_in_trouble()));
        look_soon(services);
        if (!has_room)
          return done(std::unexpected(
              Refusal{fmt::format("this app has {} webhooks, which is all it may have", webhooks_of_an_app),
                      "`xionctl webhook remove` one of them"}));
        done(std::move(made));
      });
}

void rotate_webhook(Services& services, std::string id, AdminDone<NewWebhook> done) {
  auto secret = fresh_webhook_secret(services);
  const auto change = [kept = std::move(secret.kept), now = services.loop.wall_now()](Txn& txn, Webhook& webhook) {
    std::erase_if(webhook.secrets, [&](const WebhookSecret& old) { return old.until && *old.until <= now; });
    if (!webhook.secrets.empty()) webhook.secrets.front().until = now + rotation_overlap;
    webhook.secrets.insert(webhook.secrets.begin(), kept);
    constexpr std::size_t at_once = 3;  // Who rotates faster than that wants the oldest gone.
    if (webhook.secrets.size() > at_once) webhook.secrets.resize(at_once);
    txn.put(webhook);
  };
  change_webhook(
      services, std::move(id), change,
      [shown = std::move(secret.shown), done = std::move(done)](std::expected<Webhook, Refusal> webhook) mutable {
        if (!webhook) return done(std::unexpected(webhook.error()));
        done(NewWebhook{std::move(*webhook), std::move(shown)});
      });
}

void find_webhooks(Services& services, std::string id, AdminDone<std::vector<WebhookStanding>> done) {
  run_task(
      services.store,
      [id](Txn& txn) {
        std::vector<WebhookStanding> all;
        const auto waiting = txn.waiting_deliveries();
        for (Webhook& webhook : txn.webhooks()) {
          if (!id.empty() && webhook.id != id) continue;
          WebhookStanding standing{.webhook = std::move(webhook), .health = {}, .next_at = {}, .receiver = {}};
          standing.health = txn.webhook_health(standing.webhook.id);
          const auto of = std::ranges::find(waiting, standing.webhook.id, &WaitingDeliveries::webhook);
          if (of != waiting.end()) {
            standing.waiting = of->count;
            standing.next_at = of->next_at;
          }
          all.push_back(std::move(standing));
        }
        return all;
      },
      [&services, id, done = std::move(done)](Commit commit, std::vector<WebhookStanding>& all) mutable {
        if (commit != Commit::durable) return done(std::unexpected(store_is_in_trouble()));
        if (!id.empty() && all.empty()) return done(std::unexpected(no_such_webhook(id)));
        for (WebhookStanding& standing : all) {
          if (services.webhooks != nullptr) standing.receiver = services.webhooks->view(standing.webhook.id);
        }
        done(std::move(all));
      });
}

void enable_webhook(Services& services, std::string id, AdminDone<Webhook> done) {
  const auto change = [](Txn& txn, Webhook& webhook) {
    webhook.disabled.clear();
    txn.put(webhook);
  };
  change_webhook(services, std::move(id), change, std::move(done));
}

void remove_webhook(Services& services, std::string id, AdminDone<Webhook> done) {
  const auto change = [](Txn& txn, Webhook& webhook) { txn.remove_webhook(webhook.id); };
  change_webhook(services, std::move(id), change, std::move(done));
}

void test_webhook(Services& services, std::string id, AdminDone<WebhookDelivery> done) {
  run_task(
      services.store,
      [id, now = services.loop.wall_now()](Txn& txn) {
        const auto webhook = webhook_named(txn, id);
        std::optional<WebhookDelivery> queued;
        if (webhook)
          queued = txn.delivery(txn.queue(*webhook, test_type, webhook_payload(test_type, now, R"({"test":true})")));
        return queued;
      },
      [&services, id, done = std::move(done)](Commit commit, std::optional<WebhookDelivery>& queued) mutable {
        if (commit != Commit::durable) return done(std::unexpected(store_is_in_trouble()));
        if (!queued) return done(std::unexpected(no_such_webhook(id)));
        look_soon(services);
        done(std::move(*queued));
      });
}

void list_deliveries(Services& services, std::string webhook, DeliveryFilter filter, std::size_t limit,
                     AdminDone<std::vector<WebhookDelivery>> done) {
  run_task(
      services.store,
      [webhook = std::move(webhook), filter, limit](Txn& txn) { return txn.deliveries(webhook, filter, limit); },
      [done = std::move(done)](Commit commit, std::vector<WebhookDelivery>& found) mutable {
        if (commit != Commit::durable) return done(std::unexpected(store_is_in_trouble()));
        done(std::move(found));
      });
}

void find_delivery(Services& services, const std::string& message, AdminDone<WebhookDelivery> done) {
  run_task(
      services.store, [id = delivery_named(message)](Txn& txn) { return txn.delivery(id); },
      [message, done = std::move(done)](Commit commit, std::optional<WebhookDelivery>& delivery) mutable {
        if (commit != Commit::durable) return done(std::unexpected(store_is_in_trouble()));
        if (!delivery) return done(std::unexpected(no_such_delivery(message)));
        done(std::move(*delivery));
      });
}

void replay_delivery(Services& services, std::string message, AdminDone<WebhookDelivery> done) {
  const std::uint64_t id = delivery_named(message);
  run_task(
      services.store,
      [id, now = services.loop.wall_now()](Txn& txn) {
        auto delivery = txn.delivery(id);
        if (delivery) {
          delivery->state = DeliveryState::pending;
          delivery->attempts = 0;
          delivery->next_at = now;
          txn.put(*delivery);
        }
        return delivery;
      },
      [&services, message, done = std::move(done)](Commit commit, std::optional<WebhookDelivery>& delivery) mutable {
        if (commit != Commit::durable) return done(std::unexpected(store_is_in_trouble()));
        if (!delivery) return done(std::unexpected(no_such_delivery(message)));
        look_soon(services);
        done(std::move(*delivery));
      });
}

}  // namespace xion
