#include "core/money.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace xion {
namespace {

constexpr std::size_t decimals_max = 6;
constexpr std::size_t decimals_min = 2;

/// Digits alone, so that neither a sign nor a blank is read.
std::optional<std::int64_t> digits(std::string_view text) {
  std::int64_t value = 0;
  const bool is_all_digits = std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || !is_all_digits || error != std::errc{}) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Micros> read_money(std::string_view text, Micros most) {
  const std::size_t point = text.find('.');
  const auto units = digits(text.substr(0, point));
  if (!units || *units > most / micros_per_unit) return std::nullopt;
  Micros amount = *units * micros_per_unit;
  if (point != std::string_view::npos) {
    std::string behind(text.substr(point + 1));
    if (behind.empty() || behind.size() > decimals_max) return std::nullopt;
    behind.resize(decimals_max, '0');
    const auto micros = digits(behind);
    if (!micros) return std::nullopt;
    amount += *micros;
  }
  return amount <= most ? std::optional(amount) : std::nullopt;
}

std::string shown_money(Micros amount) {
  const bool is_negative = amount < 0;
  const std::uint64_t size = is_negative ? ~static_cast<std::uint64_t>(amount) + 1 : static_cast<std::uint64_t>(amount);
  std::string text = fmt::format("{}{}.{:06}", is_negative ? "-" : "", size / micros_per_unit, size % micros_per_unit);
  const std::size_t least = text.size() - decimals_max + decimals_min;
  text.resize(std::max(least, text.find_last_not_of('0') + 1));
  return text;
}

bool is_currency(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace xion
