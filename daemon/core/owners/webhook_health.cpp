#include "core/owners/webhook_health.h"

#include <algorithm>

#include "base/octets.h"
#include "core/octets_of_time.h"
#include "core/record_formats.h"

namespace xion {
namespace {

std::int64_t health_hour_of(WallTime now) {
  return std::chrono::floor<std::chrono::hours>(now.time_since_epoch()).count();
}

}  // namespace

WebhookHealth::Sums& WebhookHealth::at(WallTime now) {
  const std::int64_t hour = health_hour_of(now);
  std::erase_if(hours, [&](const HourOf& one) { return one.hour <= hour - hours_kept; });
  const auto place = std::ranges::lower_bound(hours, hour, {}, &HourOf::hour);
  if (place != hours.end() && place->hour == hour) return place->sums;
  return hours.insert(place, HourOf{hour, {}})->sums;
}

WebhookHealth::Sums WebhookHealth::lately(WallTime now) const {
  const std::int64_t hour = health_hour_of(now);
  Sums all;
  for (const HourOf& one : hours) {
    if (one.hour <= hour - hours_kept || one.hour > hour) continue;
    all.delivered += one.sums.delivered;
    all.failed += one.sums.failed;
    all.given_up += one.sums.given_up;
    all.dropped += one.sums.dropped;
  }
  return all;
}

std::string to_record(const WebhookHealth& health) {
  std::string record;
  OctetWriter out(record);
  out.u8(webhook_health_format.writes());
  out.varint(health.hours.size());
  for (const WebhookHealth::HourOf& one : health.hours) {
    out.signed_varint(one.hour);
    for (const std::uint64_t sum : {one.sums.delivered, one.sums.failed, one.sums.given_up, one.sums.dropped})
      out.varint(sum);
  }
  write_optional(out, health.delivered_at);
  write_optional(out, health.failed_at);
  out.varint(static_cast<std::uint64_t>(health.last_status));
  out.text(health.last_error);
  return record;
}

std::optional<WebhookHealth> webhook_health_from_record(std::string_view record) {
  OctetReader in(record);
  if (!webhook_health_format.can_read(in.u8())) return std::nullopt;
  WebhookHealth health;
  // More could not be true, and a corrupt row must not make us reserve memory for it.
  for (auto left = std::min<std::uint64_t>(in.varint(), 2 * WebhookHealth::hours_kept); left > 0 && !in.failed();
       --left) {
    WebhookHealth::HourOf one;
    one.hour = in.signed_varint();
    for (std::uint64_t* sum : {&one.sums.delivered, &one.sums.failed, &one.sums.given_up, &one.sums.dropped})
      *sum = in.varint();
    health.hours.push_back(one);
  }
  health.delivered_at = read_optional(in);
  health.failed_at = read_optional(in);
  health.last_status = static_cast<int>(in.varint());
  health.last_error = in.text();
  if (in.failed() || !in.at_end()) return std::nullopt;
  return health;
}

}  // namespace xion
