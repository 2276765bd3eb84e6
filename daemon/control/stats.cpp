#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "app/codes/read_stats.h"
#include "control/month.h"
#include "control/verb.h"

namespace xion::control {
namespace {

constexpr std::int64_t days_default = 30, days_most = 366;
/// Days of apps in one answer: each is read from the store.
constexpr std::size_t rows_most = 20'000;

/// What a line of the answer stands for.
struct Grouping {
  std::string_view name;
  StatKind kind;
  std::string_view column;  ///< Its name in the answer.
};
constexpr Grouping groupings[] = {{"app", StatKind::all, ""},          {"country", StatKind::country, "country"},
                                  {"route", StatKind::route, "route"}, {"carrier", StatKind::carrier, "carrier"},
                                  {"error", StatKind::error, "error"}, {"blocked", StatKind::blocked, "reason"}};

struct StatsRow {
  std::string app;
  std::string column;
  std::string name;
  StatSums sums;
};

void write_rate(JsonWriter& json, std::string_view name, double rate) {
  json.key(name);
  if (rate < 0)
    json.null();  // Nothing to divide by is no rate.
  else
    json.value(std::round(rate * 10'000) / 10'000);
}

void write_row(JsonWriter& json, const StatsRow& row, const Grouping& by) {
  const StatSums& sums = row.sums;
  json.begin_object().field("app", row.app);
  if (by.kind == StatKind::error) {
    const DeliveryError error = read_error_name(row.name);
    json.field("delivery", error.delivery).field("carrier", error.carrier).field("error", error.error);
    json.field("messages", sums[Stat::undelivered]).end_object();
    return;
  }
  if (!row.column.empty()) json.field(row.column, row.name);
  if (by.kind == StatKind::blocked) {
    json.field("blocked", sums[Stat::blocked]).end_object();
    return;
  }
  const bool is_of_requests = by.kind != StatKind::carrier;  // A carrier has messages.
  if (is_of_requests) json.field("requests", sums[Stat::requests]);
  json.field("sent", sums[Stat::sent]);
  json.field("delivered", sums[Stat::delivered])
      .field("undelivered", sums[Stat::undelivered])
      .field("unknown", sums[Stat::unknown]);
  write_rate(json, "deliveryRate", delivery_rate(sums));
  if (is_of_requests) {
    json.field("verified", sums[Stat::verified]).field("pending", sums[Stat::pending]);
    write_rate(json, "verificationRate", verification_rate(sums));
    json.field("expired", sums[Stat::expired]).field("locked", sums[Stat::locked]).field("failed", sums[Stat::failed]);
    json.field("blocked", sums[Stat::blocked]);
  }
  json.field("segments", sums[Stat::segments]);
  if (is_of_requests) json.field("wrongCodes", sums[Stat::attempts]);
  if (sums[Stat::delivered] > 0) {
    json.field("latencyP50Ms", std::int64_t{latency_at(sums, 0.5).count()})
        .field("latencyP95Ms", std::int64_t{latency_at(sums, 0.95).count()});
  }
  json.end_object();
}

bool is_empty(const StatSums& sums) {
  return std::ranges::all_of(sums.counts, [](std::int64_t n) { return n == 0; });
}

/// Those of the same name in one.
std::vector<StatsRow> put_together(const std::vector<StatsRow>& rows) {
  std::map<std::string, StatsRow> all;
  for (const StatsRow& row : rows) {
    StatsRow& sum = all.try_emplace(row.name, StatsRow{"(all)", row.column, row.name, {}}).first->second;
    sum.sums.add(row.sums);
  }
  std::vector<StatsRow> found;
  for (auto& [name, row] : all) found.push_back(std::move(row));
  return found;
}

/// The last so many days, or a month; nothing: it was refused.
std::optional<DayRange> range_of(const Command& command) {
  const Day today = day_of(command.services.loop.wall_now());
  if (const auto text = command.request.text("month")) {
    const auto month = parse_month(*text);
    if (!month) return command.misuse(fmt::format("{} is no month", *text), "such as 2026-11"), std::nullopt;
    const auto day = [](std::chrono::sys_days at) { return static_cast<Day>(at.time_since_epoch().count()); };
    return DayRange{day(*month / 1), day((*month + std::chrono::months{1}) / 1) - 1};
  }
  const std::int64_t days = command.request.number("days").value_or(days_default);
  if (days < 1 || days > days_most) return command.misuse("expected 1 to 366 days"), std::nullopt;
  return DayRange{today - static_cast<Day>(days) + 1, today};
}

/// What became of requests, in sums of days (UTC): a line an app, or one for each day, country, route or reason.
void stats(Command command) {
  const auto range = range_of(command);
  if (!range) return;
  const std::string by(command.request.text("by").value_or("app"));
  const bool is_daily = by == "day";
  const auto* grouping = std::ranges::find(groupings, is_daily ? "app" : by, &Grouping::name);
  if (grouping == std::end(groupings)) {
    return command.misuse(fmt::format("by {}: there is no such grouping", by),
                          "app, day, country, route, carrier, error or blocked");
  }
  std::vector<std::shared_ptr<AppEntry>> apps = command.services.directory.apps();
  if (const auto name = command.request.text("app")) {
    const auto app = command.services.directory.app_named(*name);
    if (!app) return command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
    apps = {app};
  }
  if (is_daily && apps.size() * static_cast<std::size_t>(range->days()) > rows_most) {
    return command.refuse(fmt::format("that are more than {} lines", rows_most), "name an app, or fewer days");
  }
  Services& services = command.services;
  run_task(
      services.store,
      [apps = std::move(apps), range = *range, is_daily, by = *grouping](Txn& txn) {
        std::vector<StatsRow> rows;
        for (const auto& app : apps) {
          const AppId id = app->app.id;
          if (is_daily) {
            for (Day day = range.first; day <= range.last; ++day) {
              const WallTime at{std::chrono::sys_days{std::chrono::days{day}}};
              rows.push_back({app->app.name, "date", rfc3339(at).substr(0, 10), txn.stats(id, by.kind, day, day)[""]});
            }
            continue;
          }
          auto found = txn.stats(id, by.kind, range.first, range.last);
          if (by.kind == StatKind::all) {
            rows.push_back({app->app.name, {}, {}, found[""]});
            continue;
          }
          for (auto& [name, sums] : found) {
            if (!is_empty(sums)) rows.push_back({app->app.name, std::string(by.column), name, sums});
          }
        }
        return rows;
      },
      [command = std::move(command), by = *grouping](Commit commit, std::vector<StatsRow>& rows) {
        if (commit == Commit::failed) return command.refuse("the store can't be read", "see `xionctl status`");
        JsonWriter json;
        json.begin_array();
        for (const StatsRow& row : command.request.flag("together") ? put_together(rows) : rows)
          write_row(json, row, by);
        json.end_array();
        command.done(std::move(json).str());
      });
}

}  // namespace

Verbs stats_verbs() {
  static constexpr Verb verbs[] = {{"stats", stats}};
  static_assert(is_every_verb_of("stats", verbs));
  return verbs;
}

}  // namespace xion::control
