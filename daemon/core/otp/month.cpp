#include "core/otp/month.h"

namespace xion {

using namespace std::chrono;

Day month_of(WallTime at) {
  const year_month_day date{floor<days>(at)};
  return -(static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month())));
}

WallTime next_month(WallTime at) {
  const year_month_day date{floor<days>(at)};
  const auto first = date.year() / date.month() / 1;
  return sys_days{first + months{1}};
}

WallTime next_day(WallTime at) { return floor<days>(at) + days{1}; }

}  // namespace xion
