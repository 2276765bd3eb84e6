#include "config/rules.h"

namespace xion::config {
namespace {

std::string range(double least, double most, std::string_view unit) {
  return fmt::format("{}–{}{}{}", least, most, unit.empty() ? "" : " ", unit);
}

}  // namespace

std::optional<std::int64_t> whole_number(const Place& place, std::int64_t least, std::int64_t most,
                                         std::string_view unit) {
  const std::string allowed = range(static_cast<double>(least), static_cast<double>(most), unit);
  const auto* value = place.node.as_integer();
  if (value == nullptr) {
    wrong_type(place, fmt::format("a whole number, {}", allowed));
    return std::nullopt;
  }
  if (value->get() < least || value->get() > most) {
    place.error(fmt::format("expected {}", allowed));
    return std::nullopt;
  }
  return value->get();
}

std::optional<double> real_number(const Place& place, double least, double most, std::string_view unit) {
  const std::string allowed = range(least, most, unit);
  const auto value = place.node.is_number() ? place.node.value<double>() : std::nullopt;
  if (!value) {
    wrong_type(place, fmt::format("a number, {}", allowed));
    return std::nullopt;
  }
  if (!(*value >= least && *value <= most)) {  // NaN fails too
    place.error(fmt::format("expected {}", allowed));
    return std::nullopt;
  }
  return value;
}

}  // namespace xion::config
