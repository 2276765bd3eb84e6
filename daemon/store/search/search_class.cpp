#include "store/search/search_class.h"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace xion {
namespace {

// From the lowest bit: test, delivery, status, country, app. The layout is that on disk.
constexpr unsigned delivery_at = 1, status_at = 8, country_at = 16, app_at = 32;
constexpr SearchClass delivery_mask = 0xF, status_mask = 0xFF, country_mask = 0xFFFF, app_mask = 0xFFFF'FFFF;

/// The order is that on disk: append only.
constexpr std::string_view deliveries[] = {"",        "queued",   "submitted", "delivered", "undelivered",
                                           "expired", "rejected", "unknown"};

/// One that there is not gets a number that no request has.
SearchClass number_of(std::string_view delivery) {
  return static_cast<SearchClass>(std::ranges::find(deliveries, delivery) - std::begin(deliveries));
}

SearchClass number_of_country(std::string_view country) {
  if (country.size() != 2) return 0;
  return static_cast<SearchClass>(static_cast<std::uint8_t>(country[0])) << 8 | static_cast<std::uint8_t>(country[1]);
}

}  // namespace

SearchClass search_class(const Otp& otp) {
  return SearchClass{otp.app} << app_at | number_of_country(otp.country) << country_at |
         static_cast<SearchClass>(otp.status) << status_at | number_of(delivery_status(otp)) << delivery_at |
         SearchClass{otp.test};
}

ClassFilter class_filter(const OtpFilter& filter) {
  ClassFilter wanted;
  const auto want = [&](SearchClass value, SearchClass mask, unsigned at) {
    wanted.mask |= mask << at;
    wanted.value |= value << at;
  };
  if (filter.app) want(*filter.app, app_mask, app_at);
  if (filter.is_test) want(SearchClass{*filter.is_test}, 1, 0);
  if (filter.status) want(static_cast<SearchClass>(*filter.status), status_mask, status_at);
  if (!filter.delivery.empty()) want(number_of(filter.delivery), delivery_mask, delivery_at);
  if (!filter.country.empty()) want(number_of_country(filter.country), country_mask, country_at);
  return wanted;
}

}  // namespace xion
