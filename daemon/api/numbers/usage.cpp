#include <fmt/format.h>

#include <algorithm>

#include "api/call/query.h"
#include "api/call/verbs.h"
#include "app/codes/read_spend.h"
#include "base/csv.h"

namespace xion::verbs {
namespace {

constexpr std::string_view unread_usage = "The store can't be read; try again";
constexpr std::int64_t usage_days_max = 366;

struct NoQuery {};

struct DaysQuery {
  std::optional<Day> from, to;
};
constexpr Parameter<DaysQuery> days_parameters[] = {
    {"from", "a date such as 2026-02-01",
     [](const std::string& v, DaysQuery& q) {
       q.from = parse_date(v);
       return q.from.has_value();
     }},
    {"to", "a date such as 2026-02-28",
     [](const std::string& v, DaysQuery& q) {
       q.to = parse_date(v);
       return q.to.has_value();
     }},
};

WallTime month_begin(WallTime at) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(at)};
  return std::chrono::sys_days{date.year() / date.month() / 1};
}

std::uint64_t of(const Counters& counters, Counter counter) { return counters[static_cast<std::size_t>(counter)]; }

/// What the month's messages cost, and what they may.
void write_spend(JsonWriter& json, const Plan& plan, const MonthUse& month) {
  if (month.currency.empty()) return;
  json.field("price", shown_money(month.price)).field("priceToday", shown_money(month.price_today));
  for (const auto& [name, cap] :
       {std::pair("spendPerDay", plan.spend_per_day), std::pair("spendPerMonth", plan.spend_per_month)}) {
    json.key(name);
    if (cap == 0)
      json.null();
    else
      json.value(shown_money(cap));
  }
  json.field("currency", month.currency);
}

}  // namespace

void usage(CallPtr call) {
  NoQuery nothing;
  if (auto problem = read_query<NoQuery>(call->exchange->query(), {}, nothing))
    return call->refuse(std::move(*problem));
  Services& services = call->services();
  const World whose = call->caller.world();
  const WallTime now = services.loop.wall_now();
  read_month(services, whose, now, [call = std::move(call), now](const MonthUse& month, bool is_read) {
    if (!is_read) return call->refuse(ErrorCode::store_unavailable, unread_usage);
    const Plan& plan = call->caller.app->policy.plan;
    // What test keys send is in no plan.
    const std::uint64_t included = call->caller.is_test ? 0 : plan.sms_per_month;
    const std::uint64_t used = of(month.counters, Counter::sends);
    JsonWriter json;
    json.begin_object().field("ok", true).field("status", "ok").field("app", call->caller.app->app.name);
    json.field("plan", plan.name).key("included");
    if (included == 0)
      json.null();
    else
      json.value(included);
    json.field("used", used).key("remaining");
    if (included == 0)
      json.null();
    else
      json.value(included - std::min(used, included));
    json.field("periodStart", rfc3339(month_begin(now))).field("resetsAt", rfc3339(next_month(now)));
    write_spend(json, plan, month);
    json.end_object();
    call->answer(success(200, std::move(json).str()));
  });
}

namespace {

/// What a day's row tells, in JSON and in CSV.
struct DayColumn {
  std::string_view name;
  Counter counter;
};
constexpr DayColumn day_columns[] = {
    {"used", Counter::sends},          {"requests", Counter::requests},       {"resends", Counter::resends},
    {"delivered", Counter::delivered}, {"undelivered", Counter::undelivered}, {"verified", Counter::verified},
    {"blocked", Counter::blocked},
};

/// Reads the days that the query means; the call is over where it is wrong or the store can't be read.
void with_days(CallPtr call, void (*answer)(Call&, const std::vector<DayStats>&)) {
  DaysQuery query;
  if (auto problem = read_query<DaysQuery>(call->exchange->query(), days_parameters, query)) {
    return call->refuse(std::move(*problem));
  }
  const WallTime now = call->services().loop.wall_now();
  DayRange range;
  range.last = query.to.value_or(day_of(now));
  range.first = query.from.value_or(query.to ? range.last - 29 : day_of(month_begin(now)));
  if (range.days() < 1 || range.days() > usage_days_max) {
    return call->refuse(invalid_field(query.from ? "from" : "to", "a range of 1 to 366 days"));
  }
  Services& services = call->services();
  const World whose = call->caller.world();
  read_days(services, whose, range, [call = std::move(call), answer](const std::vector<DayStats>& days, bool is_read) {
    if (!is_read) return call->refuse(ErrorCode::store_unavailable, unread_usage);
    answer(*call, days);
  });
}

}  // namespace

void usage_daily(CallPtr call) {
  with_days(std::move(call), [](Call& asked, const std::vector<DayStats>& days) {
    const std::string& currency = asked.services().prices->currency;
    JsonWriter json;
    json.begin_object().field("ok", true).field("status", "ok").key("items").begin_array();
    for (const DayStats& day : days) {
      json.begin_object().field("date", date_of(day.day));
      for (const DayColumn& column : day_columns) json.field(column.name, of(day.counters, column.counter));
      if (!currency.empty()) json.field("price", shown_money(day.price));
      json.end_object();
    }
    json.end_array();
    if (!currency.empty()) json.field("currency", currency);
    json.end_object();
    asked.answer(success(200, std::move(json).str()));
  });
}

void export_usage_csv(CallPtr call) {
  with_days(std::move(call), [](Call& asked, const std::vector<DayStats>& days) {
    const std::string& currency = asked.services().prices->currency;
    std::string csv;
    {
      CsvLine names(csv);
      names.add("date");
      for (const DayColumn& column : day_columns) names.add(column.name);
      names.add("price").add("currency");
    }
    for (const DayStats& day : days) {
      CsvLine line(csv);
      line.add(date_of(day.day));
      for (const DayColumn& column : day_columns) line.add(fmt::to_string(of(day.counters, column.counter)));
      line.add(currency.empty() ? std::string() : shown_money(day.price)).add(currency);
    }
    StoredAnswer answer = success(200, std::move(csv));
    answer.headers =
        "Content-Type: text/csv; charset=utf-8; header=present\n"
        "Content-Disposition: attachment; filename=\"usage.csv\"\n";
    asked.answer(std::move(answer));
  });
}

}  // namespace xion::verbs
