#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/phone.h"
#include "core/settings.h"

namespace xion {

/// Why an app may not send to a number.
enum class RightsVerdict : std::uint8_t { allowed, monitored, country_not_allowed, number_type_not_allowed };

/// What `number_types` calls numbers of no country: satellite (+870, +881), networks (+882, +883), universal (+800,
/// +808, +878, +979, +888).
inline constexpr std::string_view no_country_type = "no_country";

/// Whether a message to the number may earn money for somebody else, or costs many times a usual one: premium rate,
/// shared cost, personal, paging and universal numbers, and all of no country.
bool is_costly(const Phone& phone);

/// Whether an app may send to a number: its country, then its type. The denied list wins over the allowed one; a number
/// of no country (+882 …) is not on any list, so it is refused where there is an allowed list. A costly number is
/// refused unless the app's `number_types` names its type, or the route that it takes is for such numbers: its
/// `route_prefix` is longer than the country's code, or is that of a code of no country.
RightsVerdict check_rights(const SendRights& rights, const Phone& phone, std::string_view route_prefix = {});

/// The highest threshold of a plan's month that is reached, in percent: `used` counts this message. 0: none, or the
/// plan has no end.
std::uint32_t threshold_reached(std::uint64_t included, std::uint64_t used);

}  // namespace xion
