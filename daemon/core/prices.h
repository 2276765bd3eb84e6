#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/money.h"

/// What apps are charged for their messages, by the carrier that takes them and the number that they go to.
namespace xion {

/// `[prices.CARRIER]`: of one part of a text, by the beginning of the number, such as "+374"; `+` is every number.
using PriceList = std::map<std::string, Micros, std::less<>>;
inline constexpr std::string_view every_number = "+";

struct Prices {
  std::string currency;  ///< `[billing] currency`; empty: nothing has a price.
  std::map<std::string, PriceList, std::less<>> carriers;
  bool operator==(const Prices&) const = default;
};

/// The price of one part to a number by a carrier: that of the longest beginning that the list has; 0: none.
Micros part_price(const Prices& prices, std::string_view carrier, std::string_view e164);

/// What one part costs at least and at most.
struct PriceSpan {
  Micros least = 0;
  Micros most = 0;
  bool operator==(const PriceSpan&) const = default;
};
/// Of the numbers that begin with any of these, such as "+374", by any carrier that has a list; of all, where none is
/// given. Nothing: no list has a price for them.
std::optional<PriceSpan> part_price_span(const Prices& prices, std::span<const std::string> beginnings);

}  // namespace xion
