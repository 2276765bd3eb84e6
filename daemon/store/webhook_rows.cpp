#include "store/webhook_rows.h"

#include "base/octets.h"
#include "core/octets_of_time.h"
#include "core/record_formats.h"

namespace xion {
namespace {

/// In format 1 the content came before the times.
constexpr std::uint8_t content_first = 1;

struct DeliveryHead {
  std::string_view webhook, type, payload;
  AppId app = 0;
  WallTime made_at{}, next_at{};
  std::uint8_t state = 0, attempts = 0;
};

DeliveryHead read_head(OctetReader& in, std::uint8_t format) {
  DeliveryHead head;
  head.webhook = in.text();
  head.app = static_cast<AppId>(in.varint());
  if (format == content_first) {
    head.type = in.text();
    head.payload = in.text();
  }
  head.made_at = wall_time(in.signed_varint());
  head.state = in.u8();
  head.attempts = in.u8();
  head.next_at = wall_time(in.signed_varint());
  return head;
}

}  // namespace

std::string to_row(const WebhookDelivery& delivery) {
  std::string row;
  row.reserve(delivery.payload.size() + 128);
  OctetWriter out(row);
  out.u8(delivery_format.writes());
  out.text(delivery.webhook);
  out.varint(delivery.app);
  out.signed_varint(unix_millis(delivery.made_at));
  out.u8(static_cast<std::uint8_t>(delivery.state));
  out.u8(delivery.attempts);
  out.signed_varint(unix_millis(delivery.next_at));
  write_optional(out, delivery.tried_at);
  out.varint(static_cast<std::uint64_t>(delivery.http_status));
  out.text(delivery.error);
  out.text(delivery.url);
  out.text(delivery.type);
  out.text(delivery.payload);
  return row;
}

std::optional<WebhookDelivery> delivery_from_row(std::uint64_t id, std::string_view row) {
  OctetReader in(row);
  const std::uint8_t format = in.u8();
  if (!delivery_format.can_read(format)) return std::nullopt;
  const DeliveryHead head = read_head(in, format);
  WebhookDelivery delivery;
  delivery.id = id;
  delivery.webhook = head.webhook;
  delivery.app = head.app;
  delivery.made_at = head.made_at;
  delivery.attempts = head.attempts;
  delivery.next_at = head.next_at;
  delivery.tried_at = read_optional(in);
  delivery.http_status = static_cast<int>(in.varint());
  delivery.error = in.text();
  if (format != content_first) delivery.url = in.text();
  delivery.type = format == content_first ? head.type : in.text();
  delivery.payload = format == content_first ? head.payload : in.text();
  if (in.failed() || !in.at_end() || head.state > static_cast<std::uint8_t>(DeliveryState::failed)) return std::nullopt;
  delivery.state = static_cast<DeliveryState>(head.state);
  return delivery;
}

std::optional<WebhookIndex::Place> delivery_place_from_row(std::string_view row) {
  OctetReader in(row);
  const std::uint8_t format = in.u8();
  if (!delivery_format.can_read(format)) return std::nullopt;
  const DeliveryHead head = read_head(in, format);
  if (in.failed()) return std::nullopt;
  return WebhookIndex::Place{head.webhook, head.app, head.next_at};
}

}  // namespace xion
