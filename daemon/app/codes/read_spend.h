#pragma once
#include <map>
#include <string>
#include <vector>

#include "app/codes/read_stats.h"

/// What apps' messages cost.
namespace xion {

/// What an app used of its plan in the month that `at` falls in, and what that costs.
struct MonthUse {
  Counters counters{};
  std::string currency;  ///< Empty: nothing has a price.
  Micros price = 0;
  Micros price_today = 0;
};
void read_month(Services& services, const World& whose, WallTime at,
                std::move_only_function<void(MonthUse, bool)> done);

/// What to bill an app for a month: its plan, and the messages beyond those that it included.
struct AppStatement {
  std::shared_ptr<AppEntry> app;
  std::uint64_t used = 0;                        ///< Messages.
  std::map<std::string, StatSums> destinations;  ///< By `destination_name`; counts are `Spent`.
};
void read_statement(Services& services, Apps apps, std::chrono::year_month month,
                    std::move_only_function<void(std::optional<std::vector<AppStatement>>)> done);

}  // namespace xion
