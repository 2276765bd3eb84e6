#pragma once
#include <optional>
#include <string_view>

#include "core/month.h"

namespace xion::control {

/// "2026-11". Nothing where it is no month.
std::optional<Month> parse_month(std::string_view text);

}  // namespace xion::control
