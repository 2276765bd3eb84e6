// What is counted as requests change, against a count of all requests as they are at the end.
#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "base/assert.h"
#include "core/otp/otp_sums.h"
#include "core/otp/world.h"
#include "sim/simulated_world.h"

namespace xion::sim {
namespace {

/// Sums as they would be if each request had been written once, as it is at the end.
class Recount {
 public:
  StatSums& sums(const SumsPlace& place, StatKind kind, std::string_view name) {
    return days_[{place.period, place.app, place.when, kind}][std::string(name)];
  }
  bool has_sums(const SumsPlace&) const { return true; }

  /// `since`: from when on requests count by carrier and country.
  void add(const Otp& otp, WallTime since) {
    otp_sums::replace(*this, world_of(otp).counted_as(), otp.id, {}, share_of(otp),
                      [&] { return made_at(otp.id) >= since; });
  }
  /// The first that differs from what is kept; empty: none does.
  std::string difference(Txn& txn) const {
    for (const auto& [where, named] : days_) {
      const auto& [period, app, when, kind] = where;
      const bool is_hour = period == SumsPlace::Period::hour;
      auto kept = is_hour ? txn.stats_by_hour(app, kind, when, when) : txn.stats(app, kind, when, when);
      for (const auto& [name, sums] : named) {
        if (kept[name].counts == sums.counts && kept[name].latencies == sums.latencies) continue;
        return fmt::format("app {}, {} {}, kind {}, '{}': kept {}, counted {}", app, is_hour ? "hour" : "day", when,
                           std::to_underlying(kind), name, fmt::join(kept[name].counts, " "),
                           fmt::join(sums.counts, " "));
      }
      for (const auto& [name, sums] : kept) {
        if (named.contains(name) || std::ranges::count(sums.counts, 0) == std::ssize(sums.counts)) continue;
        return fmt::format("app {}, {} {}, kind {}, '{}': kept {}, of no request", app, is_hour ? "hour" : "day", when,
                           std::to_underlying(kind), name, fmt::join(sums.counts, " "));
      }
    }
    return {};
  }

 private:
  std::map<std::tuple<SumsPlace::Period, AppId, std::int32_t, StatKind>, std::map<std::string, StatSums>> days_;
};

}  // namespace

/// The sums that are kept, of days and hours, whole and by name, are what a count of all requests gives. Of several
/// nodes one hears a second late that another began to count by carrier and country, and that second is not counted.
void World::recount() {
  std::optional<std::string> difference;
  run_task(
      nodes_.front().process->gateway().services().store,
      [is_of_many = is_of_many()](Txn& txn) {
        const WallTime since = is_of_many ? WallTime::max() : txn.counted_by_carrier_country_since();
        Recount recount;
        for (const Otp& otp : txn.recent(std::nullopt, 100'000)) recount.add(otp, since);
        return recount.difference(txn);
      },
      [&](Commit, std::string& found) { difference = std::move(found); });
  while (!difference) XION_ASSERT(agenda_.step());
  if (!difference->empty()) chronicle_.broken("the sums that are kept are what a recount gives", "{}", *difference);
}

}  // namespace xion::sim
