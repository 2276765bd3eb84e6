#include "app/codes/read_spend.h"

#include "domain/txn.h"

namespace xion {

void read_month(Services& services, const World& whose, WallTime at,
                std::move_only_function<void(MonthUse, bool)> done) {
  run_reading(
      services.store,
      [app = whose.counted_as(), at, currency = services.settings.prices()->currency](Txn& txn) {
        MonthUse use{txn.counters(app, month_of(at)), currency};
        if (currency.empty()) return use;
        use.price = spent(txn.spend(app, month_of(at), currency), Spent::price);
        use.price_today = spent(txn.spend(app, day_of(at), currency), Spent::price);
        return use;
      },
      [done = std::move(done)](Commit commit, MonthUse& use) mutable {
        done(std::move(use), commit == Commit::durable);
      });
}

void read_statement(Services& services, Apps apps, Month month,
                    std::move_only_function<void(std::optional<std::vector<AppStatement>>)> done) {
  run_reading(
      services.store,
      [apps = std::move(apps), month](Txn& txn) {
        std::vector<AppStatement> all;
        for (const auto& app : apps) {
          const Counters counters = txn.counters(app->app.id, month);
          all.push_back(
              {app, counters[static_cast<std::size_t>(Counter::sends)], txn.destinations(app->app.id, month)});
        }
        return all;
      },
      [done = std::move(done)](Commit commit, std::vector<AppStatement>& all) mutable {
        if (commit == Commit::failed) return done(std::nullopt);
        done(std::move(all));
      });
}

}  // namespace xion
