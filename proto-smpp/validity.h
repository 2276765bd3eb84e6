#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace xion::smpp {

/// validity_period as a duration from the carrier's receipt of the message: `000000000530000R` is 5 min 30 s.
/// Parts of a second count as a whole one, a negative duration as zero, and more than 30 days as 30 days.
/// Source: SMPP 3.4 §7.1.1.
std::string relative_time(Millis duration);

/// validity_period as a moment in UTC: `260212120530000+`.
std::string absolute_time(WallTime at);

/// Reads either form; a relative one counts from `now`, with years of 365 and months of 30 days. Nothing where the text
/// is malformed or names no moment.
std::optional<WallTime> parse_time(std::string_view text, WallTime now);

}  // namespace xion::smpp
