#include "app/read_stats.h"

#include <utility>

#include "app/send_rules.h"

namespace xion {

void read_summary(Services& services, AppId app, DayRange range, std::move_only_function<void(StatsSummary, bool)> done) {
  run_task(
      services.store,
      [app, range, &vault = services.store_vault](Txn& txn) {
        StatsSummary summary;
        summary.sums = txn.stats(app, StatKind::all, range.first, range.last)[""];
        for (const auto& [reason, sums] : txn.stats(app, StatKind::blocked, range.first, range.last)) {
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

void read_stats(Services& services, AppId app, StatKind kind, DayRange range,
                std::move_only_function<void(std::map<std::string, StatSums>, bool)> done) {
  run_task(
      services.store, [app, kind, range](Txn& txn) { return txn.stats(app, kind, range.first, range.last); },
      [done = std::move(done)](Commit commit, std::map<std::string, StatSums>& rows) mutable {
        done(std::move(rows), commit == Commit::durable);
      });
}

void read_days(Services& services, AppId app, DayRange range, std::move_only_function<void(std::vector<DayStats>, bool)> done) {
  run_task(
      services.store,
      [app, range](Txn& txn) {
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

void read_month(Services& services, AppId app, WallTime at, std::move_only_function<void(Counters, bool)> done) {
  run_task(
      services.store, [app, month = month_of(at)](Txn& txn) { return txn.counters(app, month); },
      [done = std::move(done)](Commit commit, Counters& counters) mutable { done(counters, commit == Commit::durable); });
}

}  // namespace xion
