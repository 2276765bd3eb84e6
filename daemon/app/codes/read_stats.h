#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/codes/read_otp.h"

namespace xion {

/// Days, both included.
struct DayRange {
  Day first = 0;
  Day last = 0;
  std::int64_t days() const { return std::int64_t{last} - first + 1; }
};

/// Whole days, or whole hours, of UTC; both ends included.
struct StatRange {
  bool is_hourly = false;
  std::int32_t first = 0;  ///< Day or Hour.
  std::int32_t last = 0;
  std::int64_t count() const { return std::int64_t{last} - first + 1; }
};

/// The dashboard's numbers of an app.
struct StatsSummary {
  StatSums sums;
  std::map<std::string, std::int64_t> refusals;  ///< Code of the error catalogue → sends.
  std::optional<OtpView> latest;                 ///< The newest request of the range, while it is in the log.
};
/// `done(…, false)`: the store failed. The same below.
void read_summary(Services& services, const World& whose, StatRange range,
                  std::move_only_function<void(StatsSummary, bool)> done);

void read_stats(Services& services, const World& whose, StatKind kind, StatRange range,
                std::move_only_function<void(std::map<std::string, StatSums>, bool)> done);

/// One for each day of the range.
struct DayStats {
  Day day = 0;
  StatSums sums;        ///< Of the requests made on this day.
  Counters counters{};  ///< Of what happened on this day.
};
void read_days(Services& services, const World& whose, DayRange range,
               std::move_only_function<void(std::vector<DayStats>, bool)> done);

/// One for each hour from `first` to `last`.
struct HourStats {
  Hour hour = 0;
  StatSums sums;  ///< Of the requests made in this hour.
};
void read_hours(Services& services, const World& whose, Hour first, Hour last,
                std::move_only_function<void(std::vector<HourStats>, bool)> done);

/// Messages of the month `at` falls in, as the plan counts them.
void read_month(Services& services, const World& whose, WallTime at,
                std::move_only_function<void(Counters, bool)> done);

}  // namespace xion
