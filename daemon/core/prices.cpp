#include "core/prices.h"

#include <algorithm>

namespace xion {

Micros part_price(const Prices& prices, std::string_view carrier, std::string_view e164) {
  const auto list = prices.carriers.find(carrier);
  if (list == prices.carriers.end()) return 0;
  for (std::size_t length = e164.size(); length > 0; --length) {
    if (const auto price = list->second.find(e164.substr(0, length)); price != list->second.end()) return price->second;
  }
  return 0;
}

std::optional<PriceSpan> part_price_span(const Prices& prices, std::span<const std::string> beginnings) {
  std::optional<PriceSpan> span;
  const auto take = [&](Micros price) {
    span = span ? PriceSpan{std::min(span->least, price), std::max(span->most, price)} : PriceSpan{price, price};
  };
  for (const auto& [carrier, list] : prices.carriers) {
    for (const auto& [beginning, price] : list) {
      const bool is_asked = beginnings.empty() || std::ranges::any_of(beginnings, [&](const std::string& one) {
                              return beginning.starts_with(one);
                            });
      if (is_asked) take(price);
    }
    for (const std::string& one : beginnings) {
      if (const Micros price = part_price(prices, carrier, one); price > 0) take(price);
    }
  }
  return span;
}

}  // namespace xion
