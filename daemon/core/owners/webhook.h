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
    "otp.created",     "otp.submitted", "otp.delivered", "otp.undelivered", "otp.attempt_failed",
    "otp.verified",    "otp.expired",   "otp.locked",    "otp.canceled",    "otp.blocked",
    "usage.threshold", "fraud.alert",   "route.down",    "route.up",
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
  std::string disabled;  ///< Why it is told nothing; empty: it is told.
  bool wants(std::string_view type) const;
};

enum class DeliveryState : std::uint8_t { pending, delivered, failed };
std::string_view to_string(DeliveryState state);

/// One event on its way to one webhook. Its id stays the same over all tries: receivers tell repeats by it.
struct WebhookDelivery {
  std::uint64_t id = 0;  ///< The store's row; time-ordered.
  std::string webhook;
  AppId app = 0;
  std::string type;
  std::string payload;  ///< The body, JSON.
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

/// What to tell of a request that changed from `before` (null: it is new) to `after`, in the order of happening.
struct WebhookEvent {
  std::string_view type;
  std::string data;  ///< A JSON object: names and states, no phone, no code.
};
std::vector<WebhookEvent> webhook_events(const Otp* before, const Otp& after);

/// The body of a delivery: `{"type", "timestamp", "data"}`.
std::string webhook_payload(std::string_view type, WallTime at, std::string_view data);
/// What a signature is made of. Source: Standard Webhooks, "Signature scheme".
std::string webhook_signed_content(std::string_view message_id, std::int64_t unix_seconds, std::string_view payload);

/// As it may be shown to whoever looks: without its query, in which a receiver may expect a secret.
std::string masked_url(std::string_view url);

std::string to_record(const Webhook& webhook);
std::optional<Webhook> webhook_from_record(std::string_view id, std::string_view record);

/// Nothing where a URL can be a webhook's; else what is wrong with it, as a sentence.
std::optional<std::string> trouble_in_webhook_url(std::string_view url);

}  // namespace xion
