#include <algorithm>
#include <cmath>
#include <vector>

#include "api/call/query.h"
#include "api/call/verbs.h"
#include "api/numbers/stats_window.h"
#include "app/codes/describe_otp.h"
#include "app/codes/read_stats.h"

namespace xion::verbs {
namespace {

/// Nothing to divide by is no rate, not one of zero.
void write_rate(JsonWriter& json, std::string_view name, double rate) {
  json.key(name);
  if (rate < 0)
    json.null();
  else
    json.value(std::round(rate * 10'000) / 10'000);
}

void write_sums(JsonWriter& json, const StatSums& sums) {
  json.field("requests", sums[Stat::requests]).field("sent", sums[Stat::sent]);
  json.field("delivered", sums[Stat::delivered]).field("undelivered", sums[Stat::undelivered]);
  json.field("unknown", sums[Stat::unknown]);
  write_rate(json, "deliveryRate", delivery_rate(sums));
  json.field("verified", sums[Stat::verified]).field("pending", sums[Stat::pending]);
  write_rate(json, "verificationRate", verification_rate(sums));
  json.field("expired", sums[Stat::expired]).field("locked", sums[Stat::locked]);
  json.field("canceled", sums[Stat::canceled]).field("failed", sums[Stat::failed]);
  json.field("converted", sums[Stat::converted]);
  json.field("segments", sums[Stat::segments]).field("wrongCodes", sums[Stat::attempts]);
}

void write_latency(JsonWriter& json, const StatSums& sums) {
  json.key("latencyMs").begin_object();
  const bool is_known = std::ranges::any_of(sums.latencies, [](std::int64_t n) { return n > 0; });
  for (const auto& [name, share] : {std::pair("p50", 0.5), std::pair("p95", 0.95)}) {
    json.key(name);
    if (is_known)
      json.value(std::int64_t{latency_at(sums, share).count()});
    else
      json.null();
  }
  json.end_object();
}

/// Of messages alone: a request that went by several carriers has no single one.
void write_messages(JsonWriter& json, const StatSums& sums) {
  json.field("sent", sums[Stat::sent]);
  json.field("delivered", sums[Stat::delivered]).field("undelivered", sums[Stat::undelivered]);
  json.field("unknown", sums[Stat::unknown]);
  write_rate(json, "deliveryRate", delivery_rate(sums));
  json.field("segments", sums[Stat::segments]);
  write_latency(json, sums);
}

void write_blocked(JsonWriter& json, const StatsSummary& summary) {
  json.key("blocked").begin_object().field("total", summary.sums[Stat::blocked]).key("byReason").begin_object();
  for (const auto& [reason, sends] : summary.refusals) json.field(reason, sends);
  json.end_object().end_object();
}

/// A request, and so for who may read requests.
void write_latest(JsonWriter& json, const StatsSummary& summary, const Call& call) {
  json.key("latest");
  if (!summary.latest || !call.caller.may(Scope::otp_read)) {
    json.null();
    return;
  }
  json.begin_object();
  describe_otp(json, *summary.latest,
               {.routes = call.services().settings->routes,
                .app_name = call.caller.app->app.name,
                .shows_phone = call.caller.may(Scope::pii_read),
                .now = call.services().loop.wall_now()});
  json.end_object();
}

constexpr std::string_view unreadable = "The store can't be read; try again";

using Rows = std::map<std::string, StatSums>;
using WriteRow = void (*)(JsonWriter& json, const std::string& name, const StatSums& sums);

/// The largest first; rows in which nothing is left are left out.
void answer_rows(Call& call, const StatRange& range, const Rows& rows, Stat order, WriteRow write,
                 std::optional<WallTime> counted_from = {}) {
  std::vector<std::pair<std::string, StatSums>> sorted;
  for (const auto& [name, sums] : rows) {
    if (std::ranges::any_of(sums.counts, [](std::int64_t n) { return n != 0; })) sorted.emplace_back(name, sums);
  }
  std::ranges::stable_sort(sorted, std::ranges::greater{}, [order](const auto& row) { return row.second[order]; });
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "ok");
  write_window(json, range);
  if (counted_from) json.field("countedFrom", rfc3339(*counted_from));
  json.key("items").begin_array();
  for (const auto& [name, sums] : sorted) {
    json.begin_object();
    write(json, name, sums);
    json.end_object();
  }
  json.end_array().end_object();
  call.answer(success(200, std::move(json).str()));
}

/// A row for each day or hour, the oldest first; `name` writes which.
template <typename Row>
void answer_times(Call& call, const StatRange& range, const std::vector<Row>& rows,
                  void (*name)(JsonWriter& json, const Row& row)) {
  JsonWriter json;
  json.begin_object().field("ok", true).field("status", "ok");
  write_window(json, range);
  json.key("items").begin_array();
  for (const Row& row : rows) {
    json.begin_object();
    name(json, row);
    write_sums(json, row.sums);
    json.field("blocked", row.sums[Stat::blocked]);
    write_latency(json, row.sums);
    json.end_object();
  }
  json.end_array().end_object();
  call.answer(success(200, std::move(json).str()));
}

void rows_by(CallPtr call, StatKind kind, Stat order, WriteRow write) {
  const auto range = read_window(*call, true);
  if (!range) return call->refuse(range.error());
  Services& services = call->services();
  const World whose = call->caller.world();
  read_stats(services, whose, kind, *range,
             [call = std::move(call), range = *range, order, write](const Rows& rows, bool is_read) {
               if (!is_read) return call->refuse(ErrorCode::store_unavailable, unreadable);
               answer_rows(*call, range, rows, order, write);
             });
}

}  // namespace

void stats(CallPtr call) {
  const auto range = read_window(*call, true);
  if (!range) return call->refuse(range.error());
  Services& services = call->services();
  const World whose = call->caller.world();
  read_summary(services, whose, *range,
               [call = std::move(call), range = *range](const StatsSummary& summary, bool is_read) {
                 if (!is_read) return call->refuse(ErrorCode::store_unavailable, unreadable);
                 JsonWriter json;
                 json.begin_object().field("ok", true).field("status", "ok");
                 write_window(json, range);
                 const double days = static_cast<double>(range.count()) / (range.is_hourly ? 24 : 1);
                 json.field("dailyAverage", std::round(static_cast<double>(summary.sums[Stat::sent]) * 10 / days) / 10);
                 write_sums(json, summary.sums);
                 write_blocked(json, summary);
                 write_latency(json, summary.sums);
                 write_latest(json, summary, *call);
                 json.end_object();
                 call->answer(success(200, std::move(json).str()));
               });
}

void stats_daily(CallPtr call) {
  const auto range = read_window(*call, false);
  if (!range) return call->refuse(range.error());
  Services& services = call->services();
  const World whose = call->caller.world();
  read_days(services, whose, {range->first, range->last},
            [call = std::move(call), range = *range](const std::vector<DayStats>& days, bool is_read) {
              if (!is_read) return call->refuse(ErrorCode::store_unavailable, unreadable);
              answer_times<DayStats>(*call, range, days, [](JsonWriter& json, const DayStats& day) {
                json.field("date", date_of(day.day));
              });
            });
}

void stats_hourly(CallPtr call) {
  const auto range = read_hours_window(*call);
  if (!range) return call->refuse(range.error());
  Services& services = call->services();
  const World whose = call->caller.world();
  read_hours(services, whose, range->first, range->last,
             [call = std::move(call), range = *range](const std::vector<HourStats>& hours, bool is_read) {
               if (!is_read) return call->refuse(ErrorCode::store_unavailable, unreadable);
               answer_times<HourStats>(*call, range, hours, [](JsonWriter& json, const HourStats& hour) {
                 json.field("hour", rfc3339(begin_of_hour(hour.hour)));
               });
             });
}

void stats_countries(CallPtr call) {
  rows_by(std::move(call), StatKind::country, Stat::sent,
          [](JsonWriter& json, const std::string& name, const StatSums& sums) {
            json.field("country", name);
            write_sums(json, sums);
            json.field("blocked", sums[Stat::blocked]);
            write_latency(json, sums);
          });
}

void stats_routes(CallPtr call) {
  rows_by(std::move(call), StatKind::route, Stat::sent,
          [](JsonWriter& json, const std::string& name, const StatSums& sums) {
            json.key("route");
            if (name.empty())
              json.null();
            else
              json.value(name);
            write_sums(json, sums);
            write_latency(json, sums);
          });
}

void stats_carriers(CallPtr call) {
  rows_by(std::move(call), StatKind::carrier, Stat::sent,
          [](JsonWriter& json, const std::string& name, const StatSums& sums) {
            json.field("carrier", name);
            write_messages(json, sums);
          });
}

void stats_carrier_countries(CallPtr call) {
  const auto range = read_window(*call, true);
  if (!range) return call->refuse(range.error());
  Services& services = call->services();
  const World whose = call->caller.world();
  read_carrier_countries(services, whose, *range,
                         [call = std::move(call), range = *range](const CarrierCountries& found, bool is_read) {
                           if (!is_read) return call->refuse(ErrorCode::store_unavailable, unreadable);
                           const auto write = [](JsonWriter& json, const std::string& name, const StatSums& sums) {
                             const CarrierCountry of = read_carrier_country_name(name);
                             json.field("carrier", of.carrier).field("country", of.country);
                             write_messages(json, sums);
                           };
                           answer_rows(*call, range, found.rows, Stat::sent, write, found.counted_from);
                         });
}

void stats_errors(CallPtr call) {
  rows_by(std::move(call), StatKind::error, Stat::undelivered,
          [](JsonWriter& json, const std::string& name, const StatSums& sums) {
            const DeliveryError error = read_error_name(name);
            json.field("delivery", error.delivery);
            json.key("carrier");
            if (error.carrier.empty())
              json.null();
            else
              json.value(error.carrier);
            json.key("error");
            if (error.error.empty())
              json.null();
            else
              json.value(error.error);
            if (const auto meaning = meaning_of(error); !meaning.empty()) json.field("errorMeaning", meaning);
            json.field("messages", sums[Stat::undelivered]);
          });
}

}  // namespace xion::verbs
