#pragma once
#include <optional>

#include "base/octets.h"
#include "base/time.h"

/// A moment that may not be, as records keep it: one octet that tells whether it is, then milliseconds.
namespace xion {

inline void write_optional(OctetWriter& out, const std::optional<WallTime>& at) {
  out.u8(at ? 1 : 0);
  if (at) out.signed_varint(unix_millis(*at));
}
inline std::optional<WallTime> read_optional(OctetReader& in) {
  return in.u8() == 0 ? std::nullopt : std::optional(wall_time(in.signed_varint()));
}

}  // namespace xion
