#pragma once
#include <chrono>
#include <optional>
#include <string_view>

namespace xion::control {

/// "2026-11". Nothing where it is no month.
std::optional<std::chrono::year_month> parse_month(std::string_view text);

}  // namespace xion::control
