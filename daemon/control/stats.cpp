#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "app/codes/read_stats.h"
#include "control/month_text.h"
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
constexpr Grouping groupings[] = {{"app", StatKind::all, ""},
                                  {"country", StatKind::country, "country"},
                                  {"route", StatKind::route, "route"},
                                  {"carrier", StatKind::carrier, "carrier"},
                                  {"carrier-country", StatKind::carrier_country, ""},
                                  {"error", StatKind::error, "error"},
                                  {"blocked", StatKind::blocked, "reason"}};

void write_rate(JsonWriter& json, std::string_view name, double rate) {
  json.key(name);
  if (rate < 0)
    json.null();  // Nothing to divide by is no rate.
  else
    json.value(std::round(rate * 10'000) / 10'000);
}

void write_row(JsonWriter& json, const AppSums& row, const Grouping& by) {
  const StatSums& sums = row.sums;
  json.begin_object().field("app", row.app ? row.app->app.name : std::string("(all)"));
  if (by.kind == StatKind::error) {
    const DeliveryError error = read_error_name(row.name);
    json.field("delivery", error.delivery).field("carrier", error.carrier).field("error", error.error);
    json.field("messages", sums[Stat::undelivered]).end_object();
    return;
  }
  if (row.day) json.field("date", rfc3339(std::chrono::sys_days{std::chrono::days{*row.day}}).substr(0, 10));
  if (!by.column.empty()) json.field(by.column, row.name);
  if (by.kind == StatKind::carrier_country) {
    const CarrierCountry of = read_carrier_country_name(row.name);
    json.field("carrier", of.carrier).field("country", of.country);
    if (row.counted_from) json.field("countedFrom", rfc3339(*row.counted_from));
  }
  if (by.kind == StatKind::blocked) {
    json.field("blocked", sums[Stat::blocked]).end_object();
    return;
  }
  // A carrier has messages.
  const bool is_of_requests = by.kind != StatKind::carrier && by.kind != StatKind::carrier_country;
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

/// The last so many days or hours, or a month; nothing: it was refused.
std::optional<StatRange> range_of(const Command& command) {
  const WallTime now = command.services.loop.wall_now();
  const Day today = day_of(now);
  if (const auto hours = command.request.number("hours")) {
    if (*hours < 1 || *hours > stat_hours_kept)
      return command.misuse(fmt::format("expected 1 to {} hours", stat_hours_kept)), std::nullopt;
    return StatRange{true, hour_of(now) - static_cast<Hour>(*hours) + 1, hour_of(now)};
  }
  if (const auto text = command.request.text("month")) {
    const auto month = parse_month(*text);
    if (!month) return command.misuse(fmt::format("{} is no month", *text), "such as 2026-11"), std::nullopt;
    return StatRange{false, day_of(begin_of(*month)), day_of(end_of(*month)) - 1};
  }
  const std::int64_t days = command.request.number("days").value_or(days_default);
  if (days < 1 || days > days_most) return command.misuse("expected 1 to 366 days"), std::nullopt;
  return StatRange{false, today - static_cast<Day>(days) + 1, today};
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
                          "app, day, country, route, carrier, carrier-country, error or blocked");
  }
  Apps apps = command.services.directory.apps();
  if (const auto name = command.request.text("app")) {
    const auto app = command.services.directory.app_named(*name);
    if (!app) return command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
    apps = {app};
  }
  if (is_daily && range->is_hourly) return command.misuse("days are whole ones", "--days N instead of --hours");
  if (is_daily && apps.size() * static_cast<std::size_t>(range->count()) > rows_most) {
    return command.refuse(fmt::format("that are more than {} lines", rows_most), "name an app, or fewer days");
  }
  Services& services = command.services;
  SumsWish wish{std::move(apps), grouping->kind, *range, is_daily, command.request.flag("together")};
  read_sums(services, std::move(wish),
            [command = std::move(command), by = *grouping](const std::optional<std::vector<AppSums>>& rows) {
              if (!rows) return command.refuse("the store can't be read", "see `xionctl status`");
              JsonWriter json;
              json.begin_array();
              for (const AppSums& row : *rows) write_row(json, row, by);
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
