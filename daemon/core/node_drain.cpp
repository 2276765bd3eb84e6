#include "core/node_drain.h"

#include "base/octets.h"
#include "core/record_formats.h"

namespace xion {

std::string to_record(const NodeDrain& drain) {
  std::string record;
  OctetWriter out(record);
  out.u8(node_drain_format.writes());
  out.signed_varint(unix_millis(drain.since));
  out.text(drain.by);
  return record;
}

std::optional<NodeDrain> node_drain_from_record(std::string_view node, std::string_view record) {
  OctetReader in(record);
  if (!node_drain_format.can_read(in.u8())) return std::nullopt;
  NodeDrain drain;
  drain.node = node;
  drain.since = wall_time(in.signed_varint());
  drain.by = in.text();
  return in.failed() || !in.at_end() ? std::nullopt : std::optional(std::move(drain));
}

}  // namespace xion
