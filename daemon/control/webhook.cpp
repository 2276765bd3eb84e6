#include <fmt/format.h>

#include <algorithm>

#include "app/owners/webhook_admin.h"
#include "control/verb.h"

namespace xion::control {
namespace {

/// `reveals`: the URL with its query, to who just gave it, and to who may ask for it. A rotation tells a secret, and
/// not the URL that somebody else gave.
void write_setting_of(JsonWriter& json, const Webhook& webhook, const Services& services, bool reveals) {
  const auto app = services.directory.app(webhook.app);
  json.field("id", webhook.id)
      .field("app", app ? app->app.name : std::string())
      .field("url", reveals ? webhook.url : masked_url(webhook.url));
  json.field("state", webhook.disabled.empty() ? "enabled" : "disabled");
  if (!webhook.disabled.empty()) json.field("reason", webhook.disabled);
  json.key("types").begin_array();
  for (const std::string& type : webhook.types) json.value(type);
  json.end_array();
  if (webhook.batch > 0) json.field("batch", std::uint32_t{webhook.batch});
  if (webhook.is_callback) json.field("callback", true);
  json.field("createdAt", rfc3339(webhook.created_at));
}

void write_webhook(JsonWriter& json, const Webhook& webhook, const Services& services, std::string_view secret = {},
                   bool reveals = false) {
  json.begin_object();
  write_setting_of(json, webhook, services, reveals);
  if (!secret.empty()) json.field("secret", secret);
  json.end_object();
}

/// In a word, from what is known of it.
std::string_view health_of(const WebhookStanding& standing, const WebhookHealth::Sums& lately) {
  if (!standing.webhook.disabled.empty()) return "disabled";
  if (standing.receiver.is_resting) return "silent";
  const WebhookHealth& health = standing.health;
  if (health.failed_at && (!health.delivered_at || *health.failed_at > *health.delivered_at)) return "failing";
  return lately.delivered > 0 ? "good" : "idle";
}

void write_standing(JsonWriter& json, const WebhookStanding& standing, const Services& services, bool reveals = false) {
  const WebhookHealth& health = standing.health;
  const auto lately = health.lately(services.loop.wall_now());
  json.begin_object();
  write_setting_of(json, standing.webhook, services, reveals);
  json.field("health", health_of(standing, lately)).field("waiting", std::uint64_t{standing.waiting});
  if (standing.next_at) json.field("nextAt", rfc3339(*standing.next_at));
  json.field("delivered24h", lately.delivered).field("failed24h", lately.failed);
  json.field("givenUp24h", lately.given_up).field("dropped24h", lately.dropped);
  if (health.delivered_at) json.field("lastDeliveredAt", rfc3339(*health.delivered_at));
  if (health.failed_at) {
    json.field("lastErrorAt", rfc3339(*health.failed_at)).field("lastError", health.last_error);
    if (health.last_status != 0) json.field("lastErrorStatus", std::int64_t{health.last_status});
  }
  json.field("calls", std::uint64_t{standing.receiver.calls}).field("slots", std::uint64_t{standing.receiver.slots});
  json.end_object();
}

void write_delivery(JsonWriter& json, const WebhookDelivery& delivery) {
  json.begin_object().field("id", webhook_message_id(delivery.id)).field("webhook", delivery.webhook);
  json.field("type", delivery.type)
      .field("state", to_string(delivery.state))
      .field("attempts", std::uint32_t{delivery.attempts});
  json.field("madeAt", rfc3339(delivery.made_at));
  if (delivery.tried_at) json.field("triedAt", rfc3339(*delivery.tried_at));
  if (delivery.state == DeliveryState::pending) json.field("nextAt", rfc3339(delivery.next_at));
  if (delivery.http_status != 0) json.field("httpStatus", std::int64_t{delivery.http_status});
  if (!delivery.error.empty()) json.field("error", delivery.error);
  if (!delivery.url.empty()) json.field("url", masked_url(delivery.url));
  json.key("payload").raw(delivery.payload).end_object();
}

AdminDone<Webhook> answer_with_webhook(Command command) {
  return [command = std::move(command)](std::expected<Webhook, Refusal> webhook) {
    if (!webhook) return command.refuse(webhook.error());
    JsonWriter json;
    write_webhook(json, *webhook, command.services);
    command.done(std::move(json).str());
  };
}

AdminDone<NewWebhook> answer_with_secret(Command command, bool reveals = false) {
  return [command = std::move(command), reveals](std::expected<NewWebhook, Refusal> made) {
    if (!made) return command.refuse(made.error());
    JsonWriter json;
    write_webhook(json, made->webhook, command.services, made->secret, reveals);
    command.done(std::move(json).str());
  };
}

AdminDone<WebhookDelivery> answer_with_delivery(Command command) {
  return [command = std::move(command)](std::expected<WebhookDelivery, Refusal> delivery) {
    if (!delivery) return command.refuse(delivery.error());
    JsonWriter json;
    write_delivery(json, *delivery);
    command.done(std::move(json).str());
  };
}

void webhook_add(Command command) {
  Services& services = command.services;
  WebhookWish wish{.app = command.required("app"),
                   .url = command.required("url"),
                   .types = command.request.texts("type"),
                   .batch = command.request.number("batch"),
                   .is_callback = command.request.flag("callback")};
  add_webhook(services, std::move(wish), answer_with_secret(std::move(command), true));
}

void webhook_list(Command command) {
  const auto wanted = command.request.text("app");
  const auto app = wanted ? command.services.directory.app_named(*wanted) : nullptr;
  if (wanted && !app) return command.refuse("there is no app " + std::string(*wanted), "`xionctl app list` shows them");
  Services& services = command.services;
  const bool reveals = command.request.flag("reveal");
  find_webhooks(services, {}, [command = std::move(command), app, reveals](auto found) {
    if (!found) return command.refuse(found.error());
    JsonWriter json;
    json.begin_array();
    for (const WebhookStanding& standing : *found) {
      if (!app || standing.webhook.app == app->app.id) write_standing(json, standing, command.services, reveals);
    }
    json.end_array();
    command.done(std::move(json).str());
  });
}

void webhook_show(Command command) {
  const std::string id = command.required("id");
  Services& services = command.services;
  find_webhooks(services, id, [command = std::move(command)](auto found) {
    if (!found) return command.refuse(found.error());
    JsonWriter json;
    write_standing(json, found->front(), command.services);
    command.done(std::move(json).str());
  });
}

void webhook_test(Command command) {
  const std::string id = command.required("id");
  Services& services = command.services;
  test_webhook(services, id, answer_with_delivery(std::move(command)));
}

void webhook_deliveries(Command command) {
  constexpr std::int64_t shown = 20, shown_at_most = 1000;
  const auto limit = command.request.number("limit").value_or(shown);
  if (limit < 1 || limit > shown_at_most)
    return command.misuse(fmt::format("--limit: {} is too {}", limit, limit < 1 ? "few" : "many"),
                          fmt::format("a whole number from 1 to {}", shown_at_most));
  DeliveryFilter filter;
  if (const auto text = command.request.text("state")) {
    filter.state = parse_delivery_state(*text);
    if (!filter.state) return command.misuse(fmt::format("--state: {} is none", *text), "pending, delivered or failed");
  }
  if (const auto text = command.request.text("before")) {
    filter.before = delivery_named(*text);
    if (filter.before == 0) return command.misuse(fmt::format("--before: {} is no delivery", *text), "an id, msg_…");
  }
  const std::string id = command.required("id");
  Services& services = command.services;
  list_deliveries(services, id, filter, static_cast<std::size_t>(limit),
                  [command = std::move(command)](std::expected<std::vector<WebhookDelivery>, Refusal> found) {
                    if (!found) return command.refuse(found.error());
                    JsonWriter json;
                    json.begin_array();
                    for (const WebhookDelivery& delivery : *found) write_delivery(json, delivery);
                    json.end_array();
                    command.done(std::move(json).str());
                  });
}

void webhook_replay(Command command) {
  const std::string id = command.required("id");
  Services& services = command.services;
  replay_delivery(services, id, answer_with_delivery(std::move(command)));
}

void webhook_rotate(Command command) {
  const std::string id = command.required("id");
  Services& services = command.services;
  rotate_webhook(services, id, answer_with_secret(std::move(command)));
}

void webhook_enable(Command command) {
  const std::string id = command.required("id");
  Services& services = command.services;
  enable_webhook(services, id, answer_with_webhook(std::move(command)));
}

void webhook_remove(Command command) {
  const std::string id = command.required("id");
  Services& services = command.services;
  remove_webhook(services, id, answer_with_webhook(std::move(command)));
}

}  // namespace

Verbs webhook_verbs() {
  static constexpr Verb verbs[] = {{"webhook add", webhook_add},
                                   {"webhook list", webhook_list},
                                   {"webhook show", webhook_show},
                                   {"webhook test", webhook_test},
                                   {"webhook deliveries", webhook_deliveries},
                                   {"webhook replay", webhook_replay},
                                   {"webhook rotate", webhook_rotate},
                                   {"webhook enable", webhook_enable},
                                   {"webhook remove", webhook_remove}};
  static_assert(is_every_verb_of("webhook", verbs));
  return verbs;
}

}  // namespace xion::control
