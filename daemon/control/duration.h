#pragma once
#include <optional>
#include <string_view>

#include "base/time.h"

namespace xion::control {

/// "90d", "12h", "30m", "45s". Nothing where it is not that, or is longer than a century.
std::optional<Seconds> parse_duration(std::string_view text);

}  // namespace xion::control
