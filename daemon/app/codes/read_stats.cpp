#include "app/codes/read_stats.h"

#include <utility>

#include "app/codes/send_rules.h"

namespace xion {
namespace {

std::map<std::string, StatSums> sums_of(Txn& txn, AppId app, StatKind kind, const StatRange& range) {
  return range.is_hourly ? txn.stats_by_hour(app, kind, range.first, range.last)
                         : txn.stats(app, kind, range.first, range.last);
}

}  // namespace

void read_summary(Services& services, const World& whose, StatRange range,
                  std::move_only_function<void(StatsSummary, bool)> done) {
  run_task(
      services.store,
      [app = whose.counted_as(), range, &vault = services.store_vault](Txn& txn) {
        StatsSummary summary;
        summary.sums = sums_of(txn, app, StatKind::all, range)[""];
        for (const auto& [reason, sums] : sums_of(txn, app, StatKind::blocked, range)) {
          if (sums[Stat::blocked] != 0) summary.refusals[reason] = sums[Stat::blocked];
        }
        if (auto otp = txn.otp(summary.sums.latest)) {
          auto phone = vault.open_phone(otp->id, otp->phone_sealed);
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
  run_task(
      services.store, [app = whose.counted_as(), kind, range](Txn& txn) { return sums_of(txn, app, kind, range); },
      [done = std::move(done)](Commit commit, std::map<std::string, StatSums>& rows) mutable {
        done(std::move(rows), commit == Commit::durable);
      });
}

void read_days(Services& services, const World& whose, DayRange range,
               std::move_only_function<void(std::vector<DayStats>, bool)> done) {
  run_task(
      services.store,
      [app = whose.counted_as(), range](Txn& txn) {
        std::vector<DayStats> all;
        for (Day day = range.first; day <= range.last; ++day) {
          auto sums = txn.stats(app, StatKind::all, day, day);
          all.push_back({day, sums[""], txn.counters(app, day)});
        }
        return all;
      },
      [done = std::move(done)](Commit commit, std::vector<DayStats>& all) mutable {
        done(std::move(all), commit == Commit::durable);
      });
}

void read_hours(Services& services, const World& whose, Hour first, Hour last,
                std::move_only_function<void(std::vector<HourStats>, bool)> done) {
  run_task(
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

void read_month(Services& services, const World& whose, WallTime at,
                std::move_only_function<void(Counters, bool)> done) {
  run_task(
      services.store, [app = whose.counted_as(), month = month_of(at)](Txn& txn) { return txn.counters(app, month); },
      [done = std::move(done)](Commit commit, Counters& counters) mutable {
        done(counters, commit == Commit::durable);
      });
}

}  // namespace xion
