#pragma once
#include <map>
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

}  // namespace xion
