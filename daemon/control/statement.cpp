// What to bill each app for a month: a line for its plan, one for each destination, and their sum.
#include "control/statement.h"

#include <fmt/format.h>

#include <map>

#include "app/codes/read_spend.h"
#include "control/month.h"

namespace xion::control {
namespace {

/// What stands in every line of an app.
struct Heading {
  std::string month;
  bool is_over = false;  ///< The month; before that amounts grow.
  const AppEntry& app;
};

/// Messages, and of them those beyond the plan: the parts of these are what is billed.
struct Line {
  std::string_view item;  ///< plan, destination or total
  std::string_view country;
  std::int64_t messages = 0, overage = 0, parts = 0;
  Micros amount = 0;
  std::string_view currency;
};

void write(JsonWriter& json, const Heading& heading, const Line& line) {
  const auto field = [&](std::string_view name, const auto& value, bool is_told) {
    json.key(name);
    if (is_told)
      json.value(value);
    else
      json.null();
  };
  // Every line has every member, so that every month has the same columns.
  const bool is_plan = line.item == "plan";
  json.begin_object().field("app", heading.app.app.name).field("month", heading.month);
  json.field("plan", heading.app.policy.plan.name).field("item", line.item);
  field("country", line.country, line.item == "destination");
  field("included", heading.app.policy.plan.sms_per_month, is_plan);
  json.field("messages", line.messages);
  field("overage", line.overage, !is_plan);
  field("parts", line.parts, !is_plan);
  json.field("amount", shown_money(line.amount)).field("currency", line.currency);
  json.field("final", heading.is_over).end_object();
}

void write(JsonWriter& json, const AppStatement& row, const Heading& heading, const std::string& currency) {
  const Plan& plan = row.app->policy.plan;
  const auto used = static_cast<std::int64_t>(row.used);
  write(json, heading, {"plan", {}, used, 0, 0, plan.price_per_month, currency});
  std::map<std::string, Line> totals;  // A month has one currency, but where it was changed within.
  totals[currency] = {"total", {}, 0, 0, 0, plan.price_per_month, currency};
  for (const auto& [name, sums] : row.destinations) {
    if (spent(sums, Spent::messages) == 0) continue;
    const Destination destination = read_destination_name(name);
    Line& total = totals.try_emplace(destination.currency, Line{"total", {}, 0, 0, 0, 0, {}}).first->second;
    total.currency = totals.find(destination.currency)->first;
    const Line line{"destination",
                    destination.country,
                    spent(sums, Spent::messages),
                    spent(sums, Spent::overage),
                    spent(sums, Spent::overage_parts),
                    spent(sums, Spent::overage_price),
                    destination.currency};
    write(json, heading, line);
    total.messages += line.messages;
    total.overage += line.overage;
    total.parts += line.parts;
    total.amount += line.amount;
  }
  for (const auto& [name, total] : totals) write(json, heading, total);
}

}  // namespace

void usage_statement(Command command) {
  const std::string wanted = command.required("month");
  const auto month = parse_month(wanted);
  if (!month) return command.misuse(fmt::format("{} is no month", wanted), "such as 2026-11");
  Apps apps = command.services.directory.apps();
  if (const auto name = command.request.text("app")) {
    const auto app = command.services.directory.app_named(*name);
    if (!app) return command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
    apps = {app};
  }
  Services& services = command.services;
  const std::string currency = services.prices->currency;
  if (currency.empty())
    return command.refuse("nothing has a price", "[billing] currency and [prices.CARRIER] of xionid.toml(5)");
  const bool is_over = next_month(std::chrono::sys_days{*month / 1}) <= services.loop.wall_now();
  read_statement(
      services, std::move(apps), *month,
      [command = std::move(command), wanted, currency, is_over](const std::optional<std::vector<AppStatement>>& rows) {
        if (!rows) return command.refuse("the store can't be read", "see `xionctl status`");
        JsonWriter json;
        json.begin_array();
        for (const AppStatement& row : *rows) write(json, row, {wanted, is_over, *row.app}, currency);
        json.end_array();
        command.done(std::move(json).str());
      });
}

}  // namespace xion::control
