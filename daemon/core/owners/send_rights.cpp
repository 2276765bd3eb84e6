#include "core/owners/send_rights.h"

#include <algorithm>

namespace xion {
namespace {

constexpr std::uint32_t thresholds_percent[] = {100, 90, 80};

bool holds(const std::vector<std::string>& list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

/// The plan of 2022 can't tell some countries' mobiles from fixed lines, and doesn't know newer ranges: neither is a
/// reason to refuse.
bool is_type_allowed(const SendRights& rights, NumberType type) {
  if (rights.number_types.empty() || type == NumberType::unknown) return true;
  if (type == NumberType::fixed_line_or_mobile)
    return holds(rights.number_types, "mobile") || holds(rights.number_types, "fixed_line") ||
           holds(rights.number_types, "fixed_line_or_mobile");
  return holds(rights.number_types, to_string(type));
}

}  // namespace

RightsVerdict check_rights(const SendRights& rights, const Phone& phone) {
  if (holds(rights.countries_denied, phone.country)) return RightsVerdict::country_not_allowed;
  if (!rights.countries_allowed.empty() && !holds(rights.countries_allowed, phone.country))
    return RightsVerdict::country_not_allowed;
  if (!is_type_allowed(rights, phone.type)) return RightsVerdict::number_type_not_allowed;
  return holds(rights.countries_monitored, phone.country) ? RightsVerdict::monitored : RightsVerdict::allowed;
}

std::optional<std::uint32_t> threshold_reached(std::uint64_t included, std::uint64_t used) {
  if (included == 0 || used == 0) return std::nullopt;
  for (const std::uint32_t percent : thresholds_percent) {
    const std::uint64_t reached_at = (included * percent + 99) / 100;
    if (used == reached_at) return percent;
    if (used > reached_at) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace xion
