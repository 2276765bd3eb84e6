#pragma once
#include <optional>
#include <string>
#include <vector>

#include "app/owners/directory.h"
#include "app/owners/webhooks.h"
#include "app/services.h"
#include "core/owners/webhook.h"
#include "core/owners/webhook_health.h"
#include "ports/stored.h"

/// What operators and owners do with webhooks. Every `done` comes after the commit.
namespace xion {

inline constexpr std::size_t webhooks_of_an_app = 20;

struct NewWebhook {
  Webhook webhook;
  std::string secret;  ///< `whsec_…`, shown once.
};
struct WebhookWish {
  std::string app;
  std::string url;
  std::vector<std::string> types;  ///< Empty: all of them.
  std::optional<std::int64_t> batch{};
  bool is_callback = false;
};
/// A webhook with how it went lately.
struct WebhookStanding {
  Webhook webhook;
  WebhookHealth health;
  std::size_t waiting = 0;
  std::optional<WallTime> next_at;  ///< When the first that waits is due.
  ReceiverView receiver;
};
/// What keeps a webhook from being taken, whoever it is of: its URL, its types.
std::optional<Refusal> trouble_in_webhook(const Settings& settings, const Webhook& webhook);
/// A secret of ours, sealed, and as its receiver is told it.
struct FreshSecret {
  WebhookSecret kept;
  std::string shown;
};
FreshSecret fresh_webhook_secret(Services& services);

/// Refused: an unknown app or type, a URL that can't be one, more than 20 webhooks of one app.
void add_webhook(Services& services, WebhookWish wish, AdminDone<NewWebhook> done);
/// A new secret; the one before signs beside it for another day.
void rotate_webhook(Services& services, std::string id, AdminDone<NewWebhook> done);
/// `id` empty: all of them.
void find_webhooks(Services& services, std::string id, AdminDone<std::vector<WebhookStanding>> done);
void enable_webhook(Services& services, std::string id, AdminDone<Webhook> done);
void remove_webhook(Services& services, std::string id, AdminDone<Webhook> done);
/// Queues an event of type "webhook.test" for it alone.
void test_webhook(Services& services, std::string id, AdminDone<WebhookDelivery> done);
void list_deliveries(Services& services, std::string webhook, DeliveryFilter filter, std::size_t limit,
                     AdminDone<std::vector<WebhookDelivery>> done);
/// The row of a delivery by its name, `msg_…`; 0: it is no such name.
std::uint64_t delivery_named(std::string_view message);
/// `message`: `msg_…`.
void find_delivery(Services& services, const std::string& message, AdminDone<WebhookDelivery> done);
/// Sends a delivery again, at once, whatever became of it; its id stays, its attempts start afresh. `message`: `msg_…`.
void replay_delivery(Services& services, std::string message, AdminDone<WebhookDelivery> done);

}  // namespace xion
