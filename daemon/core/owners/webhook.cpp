#include "core/owners/webhook.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "base/json_writer.h"

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

std::string_view to_string(DeliveryState state) {
  switch (state) {
    case DeliveryState::pending: return "pending";
    case DeliveryState::delivered: return "delivered";
    case DeliveryState::failed: return "failed";
  }
  return "";
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

}  // namespace xion
