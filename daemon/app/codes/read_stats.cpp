#include "app/codes/read_stats.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "domain/txn.h"

namespace xion {
namespace {

std::map<std::string, StatSums> sums_of(Txn& txn, AppId app, StatKind kind, const StatRange& range) {
  return range.is_hourly ? txn.stats_by_hour(app, kind, range.first, range.last)
                         : txn.stats(app, kind, range.first, range.last);
}

WallTime begin_of(const StatRange& range) {
  if (range.is_hourly) return WallTime{std::chrono::hours{range.first}};
  return WallTime{std::chrono::sys_days{std::chrono::days{range.first}}};
}

/// From when on there is anything to count, where that is within the range.
std::optional<WallTime> counted_from(Txn& txn, StatKind kind, const StatRange& range) {
  if (kind != StatKind::carrier_country && kind != StatKind::country_error) return std::nullopt;
  const WallTime since = txn.counted_by_carrier_country_since();
  return since > begin_of(range) ? std::optional(since) : std::nullopt;
}

void add_sums(Txn& txn, std::vector<AppSums>& rows, const std::shared_ptr<AppEntry>& app, const SumsWish& wish,
              std::optional<WallTime> counted) {
  const auto add = [&](const StatRange& range, std::optional<WallTime> begin) {
    auto found = sums_of(txn, app->app.id, wish.kind, range);
    if (wish.kind == StatKind::all) return void(rows.push_back({app, {}, begin, found[""]}));
    for (auto& [name, sums] : found) {
      if (std::ranges::any_of(sums.counts, [](std::int64_t n) { return n != 0; }))
        rows.push_back({app, name, begin, sums, counted});
    }
  };
  if (!wish.is_each) return add(wish.range, {});
  for (std::int32_t when = wish.range.first; when <= wish.range.last; ++when) {
    const StatRange one{wish.range.is_hourly, when, when};
    add(one, begin_of(one));
  }
}

/// Those of the same time and name in one, which is of no app alone.
std::vector<AppSums> put_together(const std::vector<AppSums>& rows) {
  std::map<std::pair<std::optional<WallTime>, std::string>, AppSums> all;
  for (const AppSums& row : rows) {
    const auto sum =
        all.try_emplace({row.begin, row.name}, AppSums{nullptr, row.name, row.begin, {}, row.counted_from});
    sum.first->second.sums.add(row.sums);
  }
  std::vector<AppSums> found;
  for (auto& [name, row] : all) found.push_back(std::move(row));
  return found;
}

/// Of one task, so that no client waits long behind it: each look is for an app's rows of a range of days, or of an
/// hour or a day alone.
constexpr std::size_t looks_of_a_task = 2'000;

struct SumsReading {
  SumsWish wish;
  std::size_t next = 0;  ///< The first app that was not read yet.
  std::vector<AppSums> rows;
  std::move_only_function<void(std::optional<std::vector<AppSums>>)> done;
};

void read_more_sums(Services& services, std::shared_ptr<SumsReading> reading) {
  const SumsWish& wish = reading->wish;
  const auto looks = wish.is_each || wish.range.is_hourly ? static_cast<std::size_t>(wish.range.count()) : 1;
  const std::size_t end = std::min(wish.apps.size(), reading->next + std::max<std::size_t>(1, looks_of_a_task / looks));
  run_reading(
      services.store,
      [reading, begin = reading->next, end](Txn& txn) {
        const SumsWish& of = reading->wish;
        std::vector<AppSums> rows;
        const auto counted = counted_from(txn, of.kind, of.range);
        for (std::size_t i = begin; i < end; ++i) add_sums(txn, rows, of.apps[i], of, counted);
        return of.is_together ? put_together(rows) : rows;
      },
      [&services, reading, end](Commit commit, std::vector<AppSums>& rows) {
        if (commit == Commit::failed) return reading->done(std::nullopt);
        reading->next = end;
        reading->rows.insert(reading->rows.end(), std::move_iterator(rows.begin()), std::move_iterator(rows.end()));
        if (reading->wish.is_together) reading->rows = put_together(reading->rows);
        if (end < reading->wish.apps.size()) return read_more_sums(services, reading);
        reading->done(std::move(reading->rows));
      });
}

/// What every reading below does with its rows.
template <typename Rows>
auto give(std::move_only_function<void(std::optional<Rows>)> done) {
  return [done = std::move(done)](Commit commit, Rows& rows) mutable {
    if (commit == Commit::failed) return done(std::nullopt);
    done(std::move(rows));
  };
}

}  // namespace

void read_summary(Services& services, const World& whose, StatRange range,
                  std::move_only_function<void(StatsSummary, bool)> done) {
  run_reading(
      services.store,
      [app = whose.counted_as(), range, &vault = services.store_vault](Txn& txn) {
        StatsSummary summary;
        summary.sums = sums_of(txn, app, StatKind::all, range)[""];
        for (const auto& [reason, sums] : sums_of(txn, app, StatKind::blocked, range)) {
          if (sums[Stat::blocked] != 0) summary.refusals[reason] = sums[Stat::blocked];
        }
        if (auto otp = txn.otp(summary.sums.latest)) {
          auto phone = vault.open(otp->id, otp->phone_sealed);
          summary.latest = OtpView{std::move(*otp), phone.value_or(Secret())};
        }
        return summary;
      },
      [done = std::move(done)](Commit commit, StatsSummary& summary) mutable {
        done(std::move(summary), commit == Commit::durable);
      });
}

void read_stats(Services& services, const World& whose, StatKind kind, StatRange range,
                std::move_only_function<void(std::map<std::string, StatSums>, bool)> done) {
  run_reading(
      services.store, [app = whose.counted_as(), kind, range](Txn& txn) { return sums_of(txn, app, kind, range); },
      [done = std::move(done)](Commit commit, std::map<std::string, StatSums>& rows) mutable {
        done(std::move(rows), commit == Commit::durable);
      });
}

void read_carrier_countries(Services& services, const World& whose, StatRange range,
                            std::move_only_function<void(CarrierCountries, bool)> done) {
  run_task(
      services.store,
      [app = whose.counted_as(), range](Txn& txn) {
        return CarrierCountries{sums_of(txn, app, StatKind::carrier_country, range),
                                counted_from(txn, StatKind::carrier_country, range)};
      },
      [done = std::move(done)](Commit commit, CarrierCountries& found) mutable {
        done(std::move(found), commit == Commit::durable);
      });
}

void read_days(Services& services, const World& whose, DayRange range,
               std::move_only_function<void(std::vector<DayStats>, bool)> done) {
  run_reading(
      services.store,
      [app = whose.counted_as(), range, currency = services.settings.prices()->currency](Txn& txn) {
        std::vector<DayStats> all;
        for (Day day = range.first; day <= range.last; ++day) {
          auto sums = txn.stats(app, StatKind::all, day, day);
          const Micros price = currency.empty() ? 0 : spent(txn.spend(app, day, currency), Spent::price);
          all.push_back({day, sums[""], txn.counters(app, day), price});
        }
        return all;
      },
      [done = std::move(done)](Commit commit, std::vector<DayStats>& all) mutable {
        done(std::move(all), commit == Commit::durable);
      });
}

void read_hours(Services& services, const World& whose, Hour first, Hour last,
                std::move_only_function<void(std::vector<HourStats>, bool)> done) {
  run_reading(
      services.store,
      [app = whose.counted_as(), first, last](Txn& txn) {
        std::vector<HourStats> all;
        for (Hour hour = first; hour <= last; ++hour)
          all.push_back({hour, txn.stats_by_hour(app, StatKind::all, hour, hour)[""]});
        return all;
      },
      [done = std::move(done)](Commit commit, std::vector<HourStats>& all) mutable {
        done(std::move(all), commit == Commit::durable);
      });
}

void read_sums(Services& services, SumsWish wish,
               std::move_only_function<void(std::optional<std::vector<AppSums>>)> done) {
  read_more_sums(services, std::make_shared<SumsReading>(std::move(wish), 0, std::vector<AppSums>(), std::move(done)));
}

void read_counters(Services& services, Apps apps, Month month, bool is_daily,
                   std::move_only_function<void(std::optional<std::vector<AppCounters>>)> done) {
  run_reading(
      services.store,
      [apps = std::move(apps), month, is_daily, now = services.loop.wall_now()](Txn& txn) {
        std::vector<AppCounters> rows;
        const std::chrono::sys_days first{month / 1};
        for (const auto& app : apps) {
          if (!is_daily) {
            rows.push_back({app, first, txn.counters(app->app.id, month)});
            continue;
          }
          for (auto day = first; day < end_of(month) && day <= now; day += std::chrono::days{1})
            rows.push_back({app, day, txn.counters(app->app.id, day_of(day))});
        }
        return rows;
      },
      give<std::vector<AppCounters>>(std::move(done)));
}

void read_glances(Services& services, std::set<AppId> apps,
                  std::move_only_function<void(std::optional<std::map<AppId, Glance>>)> done) {
  run_reading(
      services.store,
      [apps = std::move(apps), today = day_of(services.loop.wall_now())](Txn& txn) {
        std::map<AppId, Glance> found;
        const auto side = [&](const World& whose) {
          const StatSums sums = txn.stats(whose.counted_as(), StatKind::all, today - 1, today)[""];
          return Glance::Side{sums.counts, sums.latencies, sums.latest};
        };
        for (const AppId app : apps) found[app] = {side({app, false}), side({app, true})};
        return found;
      },
      give<std::map<AppId, Glance>>(std::move(done)));
}

}  // namespace xion
