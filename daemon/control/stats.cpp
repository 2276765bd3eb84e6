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
/// Days or hours of apps in one answer: each is read from the store. Together they are few lines.
constexpr std::size_t rows_most = 20'000, looks_most = 100'000;
constexpr std::int64_t hours_default = 24;

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
                                  {"country-error", StatKind::country_error, ""},
                                  {"blocked", StatKind::blocked, "reason"}};

void write_rate(JsonWriter& json, std::string_view name, double rate) {
  json.key(name);
  if (rate < 0)
    json.null();  // Nothing to divide by is no rate.
  else
    json.value(std::round(rate * 10'000) / 10'000);
}

void write_error(JsonWriter& json, const AppSums& row, const DeliveryError& error) {
  json.field("delivery", error.delivery).field("carrier", error.carrier).field("error", error.error);
  json.field("messages", row.sums[Stat::undelivered]);
  if (row.counted_from) json.field("countedFrom", rfc3339(*row.counted_from));
  json.end_object();
}

void write_row(JsonWriter& json, const AppSums& row, const Grouping& by, bool is_hourly) {
  const StatSums& sums = row.sums;
  json.begin_object().field("app", row.app ? row.app->app.name : std::string("(all)"));
  if (row.begin && is_hourly) json.field("hour", rfc3339(*row.begin));
  if (row.begin && !is_hourly) json.field("date", rfc3339(*row.begin).substr(0, 10));
  if (by.kind == StatKind::error) return write_error(json, row, read_error_name(row.name));
  if (by.kind == StatKind::country_error) {
    const CountryError of = read_country_error_name(row.name);
    json.field("country", of.country);
    return write_error(json, row, of.error);
  }
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

/// The last so many hours, this one included; nothing: it was refused.
std::optional<StatRange> hours_of(const Command& command, std::int64_t hours) {
  if (hours < 1 || hours > stat_hours_kept)
    return command.misuse(fmt::format("expected 1 to {} hours", stat_hours_kept)), std::nullopt;
  const Hour now = hour_of(command.services.loop.wall_now());
  return StatRange{true, now - static_cast<Hour>(hours) + 1, now};
}

/// The last so many days or hours, or a month; nothing: it was refused.
std::optional<StatRange> range_of(const Command& command, std::string_view by) {
  const WallTime now = command.services.loop.wall_now();
  const Day today = day_of(now);
  const bool is_of_days = command.request.number("days") || command.request.text("month");
  if (by == "hour" && is_of_days) return command.misuse("hours are kept for two days", "--hours N"), std::nullopt;
  if (const auto hours = command.request.number("hours")) return hours_of(command, *hours);
  if (by == "hour") return hours_of(command, hours_default);
  if (const auto text = command.request.text("month")) {
    const auto month = parse_month(*text);
    if (!month) return command.misuse(fmt::format("{} is no month", *text), "such as 2026-11"), std::nullopt;
    return StatRange{false, day_of(begin_of(*month)), day_of(end_of(*month)) - 1};
  }
  const std::int64_t days = command.request.number("days").value_or(days_default);
  if (days < 1 || days > days_most) return command.misuse("expected 1 to 366 days"), std::nullopt;
  return StatRange{false, today - static_cast<Day>(days) + 1, today};
}

/// Whether so much is asked for that others would wait; then it is refused.
bool is_too_much(const Command& command, std::size_t looks) {
  const std::size_t most = command.request.flag("together") ? looks_most : rows_most;
  if (looks <= most) return false;
  command.refuse(fmt::format("that are more than {} lines", most), "name an app, or fewer days");
  return true;
}

/// What became of requests, in sums of days or hours (UTC): a line an app, or one for each day, country, route or
/// reason.
void stats(Command command) {
  const std::string by(command.request.text("by").value_or("app"));
  const auto range = range_of(command, by);
  if (!range) return;
  const bool is_of_time = by == "day" || by == "hour", is_each = is_of_time || command.request.flag("each");
  const auto* grouping = std::ranges::find(groupings, is_of_time ? "app" : by, &Grouping::name);
  if (grouping == std::end(groupings)) {
    return command.misuse(fmt::format("by {}: there is no such grouping", by),
                          "app, day, hour, country, route, carrier, carrier-country, error, country-error or blocked");
  }
  Apps apps = command.services.directory.apps();
  if (const auto name = command.request.text("app")) {
    const auto app = command.services.directory.app_named(*name);
    if (!app) return command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
    apps = {app};
  }
  if (by == "day" && range->is_hourly) return command.misuse("days are whole ones", "--days N instead of --hours");
  if (is_each && is_too_much(command, apps.size() * static_cast<std::size_t>(range->count()))) return;
  Services& services = command.services;
  SumsWish wish{std::move(apps), grouping->kind, *range, is_each, command.request.flag("together")};
  read_sums(services, std::move(wish),
            [command = std::move(command), by = *grouping,
             is_hourly = range->is_hourly](const std::optional<std::vector<AppSums>>& rows) {
              if (!rows) return command.refuse("the store can't be read", "see `xionctl status`");
              JsonWriter json;
              json.begin_array();
              for (const AppSums& row : *rows) write_row(json, row, by, is_hourly);
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
