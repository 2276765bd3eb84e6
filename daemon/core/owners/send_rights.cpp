#include "core/owners/send_rights.h"

#include <algorithm>

namespace xion {
namespace {

constexpr std::uint32_t thresholds_percent[] = {100, 90, 80};

bool holds(const std::vector<std::string>& list, std::string_view value) {
  return std::ranges::find(list, value) != list.end();
}

bool is_named_by_route(const Phone& phone, std::string_view route_prefix) {
  const std::size_t country = 1 + phone.country_code.size();
  return phone.country.empty() ? route_prefix.size() >= country : route_prefix.size() > country;
}

bool is_named_by_app(const SendRights& rights, const Phone& phone) {
  return holds(rights.number_types, phone.country.empty() ? no_country_type : to_string(phone.type));
}

/// The plan of 2022 can't tell some countries' mobiles from fixed lines, which is no reason to refuse; and doesn't know
/// newer ranges, which where types are asked for is none in a country that the app names.
bool is_type_allowed(const SendRights& rights, const Phone& phone) {
  const NumberType type = phone.type;
  if (rights.number_types.empty()) return true;
  if (type == NumberType::unknown)
    return holds(rights.number_types, to_string(type)) || holds(rights.countries_allowed, phone.country);
  if (type == NumberType::fixed_line_or_mobile)
    return holds(rights.number_types, "mobile") || holds(rights.number_types, "fixed_line") ||
           holds(rights.number_types, "fixed_line_or_mobile");
  return holds(rights.number_types, to_string(type));
}

}  // namespace

bool is_costly(const Phone& phone) {
  return phone.country.empty() || phone.type == NumberType::premium_rate || phone.type == NumberType::other;
}

RightsVerdict check_rights(const SendRights& rights, const Phone& phone, std::string_view route_prefix) {
  if (holds(rights.countries_denied, phone.country)) return RightsVerdict::country_not_allowed;
  if (!rights.countries_allowed.empty() && !holds(rights.countries_allowed, phone.country))
    return RightsVerdict::country_not_allowed;
  if (is_costly(phone)) {
    if (!is_named_by_app(rights, phone) && !is_named_by_route(phone, route_prefix))
      return RightsVerdict::number_type_not_allowed;
  } else if (!is_type_allowed(rights, phone)) {
    return RightsVerdict::number_type_not_allowed;
  }
  return holds(rights.countries_monitored, phone.country) ? RightsVerdict::monitored : RightsVerdict::allowed;
}

std::uint32_t threshold_reached(std::uint64_t included, std::uint64_t used) {
  if (included == 0) return 0;
  for (const std::uint32_t percent : thresholds_percent)
    if (used >= std::max<std::uint64_t>(1, (included * percent + 99) / 100)) return percent;
  return 0;
}

}  // namespace xion
