#pragma once
#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/codes/read_otp.h"
#include "app/owners/directory.h"

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

/// By country and carrier, see `carrier_country_name`.
struct CarrierCountries {
  std::map<std::string, StatSums> rows;
  std::optional<WallTime> counted_from{};  ///< Within the range: requests made before are in no row.
};
void read_carrier_countries(Services& services, const World& whose, StatRange range,
                            std::move_only_function<void(CarrierCountries, bool)> done);

/// One for each day of the range.
struct DayStats {
  Day day = 0;
  StatSums sums;        ///< Of the requests made on this day.
  Counters counters{};  ///< Of what happened on this day.
  Micros price = 0;     ///< Of the messages made on this day.
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

/// What an operator asks of several apps at once. The same below; nothing: the store can't be read.
using Apps = std::vector<std::shared_ptr<AppEntry>>;

struct AppSums {
  std::shared_ptr<AppEntry> app;  ///< Null: of all of them.
  std::string name;               ///< Of the country, route and so on; empty for `StatKind::all`.
  std::optional<WallTime> begin;  ///< Of the day or hour alone that begins then.
  StatSums sums;
  std::optional<WallTime> counted_from{};  ///< Within the range: requests made before are not in it.
};
/// A row for each name that a kind has in the range.
struct SumsWish {
  Apps apps;
  StatKind kind = StatKind::all;
  StatRange range;
  bool is_each = false;      ///< A row for each of its days or hours, too.
  bool is_together = false;  ///< Of all apps in one row, which is of no app.
};
void read_sums(Services& services, SumsWish wish,
               std::move_only_function<void(std::optional<std::vector<AppSums>>)> done);

struct AppCounters {
  std::shared_ptr<AppEntry> app;
  std::chrono::sys_days from{};  ///< The first day of the month, or the day.
  Counters counters{};
};
/// A row for each app's month; with `is_daily` one for each of its days until today.
void read_counters(Services& services, Apps apps, Month month, bool is_daily,
                   std::move_only_function<void(std::optional<std::vector<AppCounters>>)> done);

/// What tells cheaply whether anything changed of an app: the sums of its two worlds of yesterday and today, and the
/// newest request of each.
struct Glance {
  struct Side {
    std::array<std::int64_t, stat_count> counts{};
    std::array<std::int64_t, latency_classes> latencies{};
    OtpId newest{};
    bool operator==(const Side&) const = default;
  };
  Side live, test;
  bool operator==(const Glance&) const = default;
};
void read_glances(Services& services, std::set<AppId> apps,
                  std::move_only_function<void(std::optional<std::map<AppId, Glance>>)> done);

}  // namespace xion
