#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace xion {

/// A time of day in which a carrier may be used, the zone stated: "08:00-22:00 +04:00". A window may pass midnight.
struct Hours {
  std::uint16_t from_minute = 0;   ///< Of the day in the zone; included.
  std::uint16_t until_minute = 0;  ///< Not included; 1440 is the day's end.
  std::int16_t zone_minutes = 0;   ///< East of UTC.
  bool operator==(const Hours&) const = default;

  bool contain(WallTime at) const;
};

/// "08:00-22:00 UTC", "22:00-06:00 +04:00". A zone is an offset, not a name: nothing here follows summer time.
std::optional<Hours> parse_hours(std::string_view text);
std::string to_string(const Hours& hours);

}  // namespace xion
