#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/otp/otp.h"

namespace xion {

/// What an app's backend can be told of. Source: Standard Webhooks 1.0 for the form; xionctl(1) lists the names.
inline constexpr std::string_view webhook_types[] = {
    "otp.created", "otp.submitted", "otp.delivered", "otp.undelivered", "otp.attempt_failed", "otp.verified",
    "otp.expired", "otp.locked",    "otp.canceled",  "otp.blocked",     "usage.threshold",    "fraud.alert",
    "route.down",  "route.up",      "alert.raised",  "alert.resolved",
};
bool is_webhook_type(std::string_view text);

/// What signs: the newest signs for good, an older one until its time is over, so that a receiver can change over.
struct WebhookSecret {
  OtpId sealed_as;  ///< The id under which it is sealed.
  std::string sealed;
  std::optional<WallTime> until;
};

/// Where an app's events go.
struct Webhook {
  std::string id;  ///< `wh_` and 16 characters.
  AppId app = 0;
  std::string url;
  std::vector<std::string> types;      ///< Empty: all of them.
  std::vector<WebhookSecret> secrets;  ///< Newest first.
  WallTime created_at{};
  std::string disabled;      ///< Why it is told nothing; empty: it is told.
  std::uint8_t batch = 0;    ///< Events in one call at most, up to `webhook_batch_max`; 0: one, and the call is it.
  bool is_callback = false;  ///< Told only of requests whose `callbackUrl` begins with its URL.
  bool wants(std::string_view type) const;
  /// Whether it is a callback webhook that a request with this `callbackUrl` may name: its own URL, or one below it.
  bool is_called_at(std::string_view callback_url) const;
  std::size_t events_in_call() const { return batch == 0 ? 1 : batch; }
};
/// Which of all webhooks a request of the app with this `callbackUrl` is told to: of those that may be called there the
/// one with the longest URL, so that none is called twice. Null: the app may not name this URL.
const Webhook* callback_webhook(std::span<const Webhook> all, AppId app, std::string_view callback_url);

inline constexpr std::uint8_t webhook_batch_max = 100;

enum class DeliveryState : std::uint8_t { pending, delivered, failed };
std::string_view to_string(DeliveryState state);
std::optional<DeliveryState> parse_delivery_state(std::string_view text);

/// One event on its way to one webhook. Its id stays the same over all tries: receivers tell repeats by it.
struct WebhookDelivery {
  std::uint64_t id = 0;  ///< The store's row; time-ordered.
  std::string webhook;
  AppId app = 0;
  std::string type;
  std::string payload;  ///< The body, JSON.
  std::string url;      ///< Where to; empty: where its webhook leads.
  WallTime made_at{};
  DeliveryState state = DeliveryState::pending;
  std::uint8_t attempts = 0;
  WallTime next_at{};  ///< While pending.
  std::optional<WallTime> tried_at;
  int http_status = 0;  ///< Of the last answer; 0: none came.
  std::string error;    ///< In words; empty: none.
};
/// `msg_` and hexadecimal digits.
std::string webhook_message_id(std::uint64_t delivery);

/// How an attempt ended.
struct AttemptResult {
  int http_status = 0;
  std::string error;
};
/// What follows from it: delivered by any 2xx; else tried again by this schedule: after 5 s, 5 min, 30 min, 2, 5,
/// 10, 14, 20, 24 h, each up to a tenth longer by `jitter`, 0–65535), and failed when that is over. Returns whether the
/// webhook itself must be switched off: it answered 410.
bool settle_attempt(WebhookDelivery& delivery, const AttemptResult& result, std::uint16_t jitter, WallTime now);

/// The body of a delivery: `{"type", "timestamp", "data"}`.
std::string webhook_payload(std::string_view type, WallTime at, std::string_view data);
/// The same of several: `{"type": "batch", "timestamp", "data": {"events": [{"id", "type", "timestamp", "data"}, …]}}`,
/// the moment being that of the last of them. At least one.
std::string webhook_batch_payload(std::span<const WebhookDelivery> deliveries);
/// The same for the same deliveries, and another for any others.
std::string webhook_batch_id(std::span<const WebhookDelivery> deliveries);
/// What a signature is made of. Source: Standard Webhooks, "Signature scheme".
std::string webhook_signed_content(std::string_view message_id, std::int64_t unix_seconds, std::string_view payload);

/// Whether one more may wait, where so many of its app and of all do. An app may have as many as there is room for
/// still, up to half: so the first whose receivers are gone gets a million, and there is always room for the next
/// one's.
bool has_room_for_delivery(std::size_t of_app, std::size_t of_all);
/// As it may be shown to whoever looks: without its query and its user and password, in which a receiver may expect a
/// secret. Whatever is no URL stays as it is.
std::string masked_url(std::string_view url);

std::string to_record(const Webhook& webhook);
std::optional<Webhook> webhook_from_record(std::string_view id, std::string_view record);

/// Nothing where a URL can be a webhook's; else what is wrong with it, as a sentence.
std::optional<std::string> trouble_in_webhook_url(std::string_view url);

}  // namespace xion
