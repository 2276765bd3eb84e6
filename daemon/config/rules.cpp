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

std::optional<Micros> money_at(const Place& place, Micros most) {
  const std::string allowed = fmt::format("an amount, \"0\"–\"{}\" with six decimals at most", most / micros_per_unit);
  if (const auto* whole = place.node.as_integer()) {
    if (whole->get() >= 0 && whole->get() <= most / micros_per_unit) return whole->get() * micros_per_unit;
  } else if (const auto* text = place.node.as_string()) {
    if (const auto amount = read_money(text->get(), most)) return amount;
    const std::string& typed = text->get();
    const bool has_comma = typed.find(',') != std::string::npos && typed.find('.') == std::string::npos;
    const bool has_words = typed.find_first_not_of("0123456789.,") != std::string::npos;
    place.error(fmt::format("expected {}", allowed), has_comma   ? "decimals stand behind a point"
                                                     : has_words ? "digits alone: the currency is [billing] currency"
                                                                 : "");
    return std::nullopt;
  } else if (place.node.is_floating_point()) {
    place.error(fmt::format("expected {}", allowed),
                fmt::format("written in quotes, so that it is exact: \"{}\"", shown(place.node)));
    return std::nullopt;
  }
  place.error(fmt::format("expected {}", allowed));
  return std::nullopt;
}

}  // namespace xion::config
