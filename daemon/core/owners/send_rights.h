#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/phone.h"
#include "core/settings.h"

namespace xion {

/// Why an app may not send to a number.
enum class RightsVerdict : std::uint8_t { allowed, monitored, country_not_allowed, number_type_not_allowed };

/// Whether an app may send to a number: its country, then its type. The denied list wins over the allowed one; a number
/// of no country (+882 …) is not on any list, so it is refused where there is an allowed list.
RightsVerdict check_rights(const SendRights& rights, const Phone& phone);

/// The thresholds of a plan's month, in percent.
/// Gives the highest that this message reaches: `used` counts it. Nothing: none, or the plan has no end.
std::optional<std::uint32_t> threshold_reached(std::uint64_t included, std::uint64_t used);

}  // namespace xion
