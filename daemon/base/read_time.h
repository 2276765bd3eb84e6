#pragma once
#include <optional>
#include <string_view>

#include "base/time.h"

namespace xion {

/// What `rfc3339` and `rfc3339_millis` wrote, and nothing else: 2026-02-12T12:00:00Z, 2026-02-12T12:00:00.123Z.
std::optional<WallTime> read_rfc3339(std::string_view text);

}  // namespace xion
