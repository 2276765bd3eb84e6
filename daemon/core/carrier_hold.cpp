#include "core/carrier_hold.h"

#include <fmt/format.h>

#include "base/octets.h"
#include "core/record_formats.h"

namespace xion {

std::string describe(const CarrierHold& hold) {
  std::string text = hold.kind == CarrierHold::Kind::pause ? "paused" : "drained";
  if (!hold.by.empty()) text += " by " + hold.by;
  if (hold.until) text += " until " + rfc3339(*hold.until);
  if (!hold.reason.empty()) text += ": " + hold.reason;
  return text;
}

std::string to_record(const CarrierHold& hold) {
  std::string record;
  OctetWriter out(record);
  out.u8(carrier_hold_format.writes());
  out.u8(static_cast<std::uint8_t>(hold.kind));
  out.signed_varint(unix_millis(hold.since));
  out.signed_varint(hold.until ? unix_millis(*hold.until) : 0);
  out.text(hold.by);
  out.text(hold.reason);
  return record;
}

std::optional<CarrierHold> carrier_hold_from_record(std::string_view carrier, std::string_view record) {
  OctetReader in(record);
  if (!carrier_hold_format.can_read(in.u8())) return std::nullopt;
  CarrierHold hold;
  hold.carrier = carrier;
  const std::uint8_t kind = in.u8();
  hold.since = wall_time(in.signed_varint());
  if (const std::int64_t until = in.signed_varint(); until != 0) hold.until = wall_time(until);
  hold.by = in.text();
  hold.reason = in.text();
  if (in.failed() || !in.at_end() || kind > static_cast<std::uint8_t>(CarrierHold::Kind::drain)) return std::nullopt;
  hold.kind = static_cast<CarrierHold::Kind>(kind);
  return hold;
}

}  // namespace xion
