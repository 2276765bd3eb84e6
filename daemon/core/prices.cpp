#include "core/prices.h"

namespace xion {

Micros part_price(const Prices& prices, std::string_view carrier, std::string_view e164) {
  const auto list = prices.carriers.find(carrier);
  if (list == prices.carriers.end()) return 0;
  for (std::size_t length = e164.size(); length > 0; --length) {
    if (const auto price = list->second.find(e164.substr(0, length)); price != list->second.end()) return price->second;
  }
  return 0;
}

}  // namespace xion
