#include "base/time.h"

#include <fmt/format.h>

namespace xion {
namespace {

struct Civil {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<Millis> time;
};

Civil civil(WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  return {std::chrono::year_month_day{day}, std::chrono::hh_mm_ss<Millis>{at - day}};
}

}  // namespace

std::string rfc3339(WallTime at) {
  const Civil c = civil(at);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int{c.date.year()}, unsigned{c.date.month()},
                     unsigned{c.date.day()}, c.time.hours().count(), c.time.minutes().count(), c.time.seconds().count());
}

std::string rfc3339_millis(WallTime at) {
  const Civil c = civil(at);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int{c.date.year()}, unsigned{c.date.month()},
                     unsigned{c.date.day()}, c.time.hours().count(), c.time.minutes().count(), c.time.seconds().count(),
                     c.time.subseconds().count());
}

}  // namespace xion
