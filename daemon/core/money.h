#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Money, exact: whole millionths of the currency's unit, never a floating point number.
namespace xion {

using Micros = std::int64_t;
inline constexpr Micros micros_per_unit = 1'000'000;
/// 100,000 units for one part of a text: three of those, 30 million times a month, can be summed up.
inline constexpr Micros part_price_max = 100'000 * micros_per_unit;
/// A month's price and a cap: a billion units.
inline constexpr Micros amount_max = 1'000'000'000 * micros_per_unit;

/// Reads "0.035" or "49": digits, and at most six behind a point. Nothing where it is none, or above `most`.
std::optional<Micros> read_money(std::string_view text, Micros most = amount_max);
/// "0.035", "49.00": every digit that counts, and two behind the point at least.
std::string shown_money(Micros amount);
/// Three capital letters. Source: ISO 4217.
bool is_currency(std::string_view text);

}  // namespace xion
