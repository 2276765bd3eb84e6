#include <fmt/format.h>

#include <algorithm>

#include "app/codes/read_stats.h"
#include "control/month.h"
#include "control/statement.h"
#include "control/verb.h"

namespace xion::control {
namespace {

std::uint64_t of(const Counters& counters, Counter counter) { return counters[static_cast<std::size_t>(counter)]; }

/// One line of the answer: an app's month, or one of its days.
void write_usage(JsonWriter& json, const AppCounters& row, bool is_month) {
  const Plan& plan = row.app->policy.plan;
  const std::uint64_t sends = of(row.counters, Counter::sends);
  json.begin_object().field("app", row.app->app.name).field("period", rfc3339(row.from).substr(0, is_month ? 7 : 10));
  if (is_month) {
    json.field("plan", plan.name).field("included", plan.sms_per_month);
  }
  json.field("used", sends);
  if (is_month && plan.sms_per_month > 0)
    json.field("remaining", plan.sms_per_month - std::min(plan.sms_per_month, sends));
  json.field("requests", of(row.counters, Counter::requests)).field("resends", of(row.counters, Counter::resends));
  if (!is_month) {
    json.field("verified", of(row.counters, Counter::verified))
        .field("delivered", of(row.counters, Counter::delivered));
    json.field("undelivered", of(row.counters, Counter::undelivered))
        .field("blocked", of(row.counters, Counter::blocked));
  }
  json.end_object();
}

/// A line an app for a month; with `daily` a line a day.
void usage(Command command) {
  const WallTime now = command.services.loop.wall_now();
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  std::chrono::year_month month = today.year() / today.month();
  if (const auto text = command.request.text("month")) {
    const auto wanted = parse_month(*text);
    if (!wanted) return command.misuse(fmt::format("{} is no month", *text), "such as 2026-11");
    month = *wanted;
  }
  Apps apps = command.services.directory.apps();
  if (const auto name = command.request.text("app")) {
    const auto app = command.services.directory.app_named(*name);
    if (!app) return command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
    apps = {app};
  }
  const bool is_daily = command.request.flag("daily");
  Services& services = command.services;
  read_counters(services, std::move(apps), month, is_daily,
                [command = std::move(command), is_daily](const std::optional<std::vector<AppCounters>>& rows) {
                  if (!rows) return command.refuse("the store can't be read", "see `xionctl status`");
                  JsonWriter json;
                  json.begin_array();
                  for (const AppCounters& row : *rows) write_usage(json, row, !is_daily);
                  json.end_array();
                  command.done(std::move(json).str());
                });
}

}  // namespace

Verbs usage_verbs() {
  static constexpr Verb verbs[] = {{"usage", usage}, {"usage statement", usage_statement}};
  static_assert(is_every_verb_of("usage", verbs));
  return verbs;
}

}  // namespace xion::control
