#include "core/owners/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/json_writer.h"
#include "core/otp/retention.h"

namespace xion {
namespace {

using namespace std::chrono;

constexpr std::array<Seconds, 9> schedule{Seconds{5}, Seconds{300}, minutes{30}, hours{2}, hours{5},
                                          hours{10},  hours{14},    hours{20},   hours{24}};
constexpr int gone = 410;
constexpr std::size_t url_octets_max = 2048;

}  // namespace

bool is_webhook_type(std::string_view text) {
  return std::ranges::find(webhook_types, text) != std::end(webhook_types);
}

bool Webhook::wants(std::string_view type) const {
  return disabled.empty() && (types.empty() || std::ranges::find(types, type) != types.end());
}

/// What follows the webhook's own URL begins a part of a path, or of the query: else https://example.com would be good
/// for https://example.com.evil.example. Steps upwards lead out of it.
bool Webhook::is_called_at(std::string_view callback_url) const {
  if (!is_callback || !disabled.empty() || !callback_url.starts_with(url)) return false;
  const std::string_view rest = callback_url.substr(url.size());
  if (rest.empty()) return true;
  if (url.contains('?')) return rest.front() == '&';
  if (rest.front() != '/' && rest.front() != '?' && !url.ends_with('/')) return false;
  std::string path(rest.substr(0, rest.find('?')));
  std::ranges::replace(path, 'E', 'e');
  return !path.contains("..") && !path.contains("%2e") && !path.contains('\\');
}

const Webhook* callback_webhook(std::span<const Webhook> all, AppId app, std::string_view callback_url) {
  const Webhook* best = nullptr;
  for (const Webhook& webhook : all) {
    if (webhook.app != app || !webhook.is_called_at(callback_url)) continue;
    if (best == nullptr || webhook.url.size() > best->url.size()) best = &webhook;
  }
  return best;
}

std::string_view to_string(DeliveryState state) {
  switch (state) {
    case DeliveryState::pending: return "pending";
    case DeliveryState::delivered: return "delivered";
    case DeliveryState::failed: return "failed";
  }
  return "";
}

std::optional<DeliveryState> parse_delivery_state(std::string_view text) {
  for (const DeliveryState state : {DeliveryState::pending, DeliveryState::delivered, DeliveryState::failed}) {
    if (to_string(state) == text) return state;
  }
  return std::nullopt;
}

std::string webhook_message_id(std::uint64_t delivery) { return fmt::format("msg_{:016x}", delivery); }

bool settle_attempt(WebhookDelivery& delivery, const AttemptResult& result, std::uint16_t jitter, WallTime now) {
  delivery.tried_at = now;
  delivery.http_status = result.http_status;
  delivery.error = result.error;
  ++delivery.attempts;
  if (result.http_status >= 200 && result.http_status < 300) {
    delivery.state = DeliveryState::delivered;
    return false;
  }
  if (result.http_status == gone || delivery.attempts > schedule.size()) {
    delivery.state = DeliveryState::failed;
    return result.http_status == gone;
  }
  const Millis wait = schedule[delivery.attempts - 1U];
  delivery.next_at = now + wait + Millis{wait.count() / 10 * jitter / 65'535};
  return false;
}

std::string webhook_payload(std::string_view type, WallTime at, std::string_view data) {
  JsonWriter json;
  json.begin_object().field("type", type).field("timestamp", rfc3339(at)).key("data").raw(data);
  return std::move(json.end_object()).str();
}

std::string webhook_batch_payload(std::span<const WebhookDelivery> deliveries) {
  WallTime last = deliveries.front().made_at;
  for (const WebhookDelivery& delivery : deliveries) last = std::max(last, delivery.made_at);
  JsonWriter json;
  json.begin_object().field("type", "batch").field("timestamp", rfc3339(last)).key("data").begin_object();
  json.key("events").begin_array();
  for (const WebhookDelivery& delivery : deliveries)
    json.raw(fmt::format(R"({{"id":"{}",{})", webhook_message_id(delivery.id),
                         std::string_view(delivery.payload).substr(1)));
  return std::move(json.end_array().end_object().end_object()).str();
}

/// FNV-1a over the ids; it only has to tell groups apart that begin with the same one.
std::string webhook_batch_id(std::span<const WebhookDelivery> deliveries) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
  for (const WebhookDelivery& delivery : deliveries) {
    for (unsigned shift = 0; shift < 64; shift += 8) hash = (hash ^ (delivery.id >> shift & 0xFF)) * 0x100'0000'01b3;
  }
  return fmt::format("{}_{}_{:016x}", webhook_message_id(deliveries.front().id), deliveries.size(), hash);
}

bool has_room_for_delivery(std::size_t of_app, std::size_t of_all) {
  return of_all < waiting_deliveries_max && of_app < waiting_deliveries_max - of_all;
}

std::string webhook_signed_content(std::string_view message_id, std::int64_t unix_seconds, std::string_view payload) {
  return fmt::format("{}.{}.{}", message_id, unix_seconds, payload);
}

std::optional<std::string> trouble_in_webhook_url(std::string_view url) {
  const bool is_https = url.starts_with("https://");
  if (!is_https && !url.starts_with("http://")) return "a webhook's URL begins with https:// or http://";
  if (url.size() > url_octets_max) return fmt::format("a webhook's URL has at most {} characters", url_octets_max);
  if (!std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7F; }))
    return "a webhook's URL is visible ASCII; spaces and other letters are percent-encoded";
  const std::string_view rest = url.substr(is_https ? 8 : 7);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.empty()) return "a webhook's URL names a host";
  if (authority.contains('@'))
    return "a webhook's URL carries no user name or password: whoever lists webhooks would see it";
  if (url.contains('#')) return "a webhook's URL has no fragment (#): it would never be sent";
  return std::nullopt;
}

std::string masked_url(std::string_view url) {
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return std::string(url);
  std::string shown(url.substr(0, scheme));
  std::string_view rest = url.substr(scheme);
  const std::size_t user = rest.substr(0, rest.find_first_of("/?#")).rfind('@');
  if (user != std::string_view::npos) {
    shown += "…@";
    rest.remove_prefix(user + 1);
  }
  const std::size_t query = rest.find_first_of("?#");
  shown += rest.substr(0, query);
  if (query != std::string_view::npos) shown.append(1, rest[query]).append("…");
  return shown;
}

}  // namespace xion
