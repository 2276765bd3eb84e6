#include "store/webhook_rows.h"

#include "base/octets.h"
#include "core/octets_of_time.h"
#include "core/record_formats.h"

namespace xion {
std::string to_row(const WebhookDelivery& delivery) {
  std::string row;
  OctetWriter out(row);
  out.u8(delivery_format.writes());
  out.text(delivery.webhook);
  out.varint(delivery.app);
  out.text(delivery.type);
  out.text(delivery.payload);
  out.signed_varint(unix_millis(delivery.made_at));
  out.u8(static_cast<std::uint8_t>(delivery.state));
  out.u8(delivery.attempts);
  out.signed_varint(unix_millis(delivery.next_at));
  write_optional(out, delivery.tried_at);
  out.varint(static_cast<std::uint64_t>(delivery.http_status));
  out.text(delivery.error);
  return row;
}

std::optional<WebhookDelivery> delivery_from_row(std::uint64_t id, std::string_view row) {
  OctetReader in(row);
  if (!delivery_format.can_read(in.u8())) return std::nullopt;
  WebhookDelivery delivery;
  delivery.id = id;
  delivery.webhook = in.text();
  delivery.app = static_cast<AppId>(in.varint());
  delivery.type = in.text();
  delivery.payload = in.text();
  delivery.made_at = wall_time(in.signed_varint());
  const std::uint8_t state = in.u8();
  delivery.attempts = in.u8();
  delivery.next_at = wall_time(in.signed_varint());
  delivery.tried_at = read_optional(in);
  delivery.http_status = static_cast<int>(in.varint());
  delivery.error = in.text();
  if (in.failed() || !in.at_end() || state > static_cast<std::uint8_t>(DeliveryState::failed)) return std::nullopt;
  delivery.state = static_cast<DeliveryState>(state);
  return delivery;
}

}  // namespace xion
