#include "api/numbers/stats_window.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "api/call/query.h"

namespace xion {
namespace {

constexpr std::int32_t days_default = 30, hours_default = 24;
constexpr std::string_view either = "either `window`, or `from` and `to`";

struct WindowQuery {
  std::optional<std::int32_t> days, hours;
  std::optional<Day> from, to;
};

/// "30d": 1 to `most` of the unit.
std::optional<std::int32_t> count_of(std::string_view text, char unit, std::int64_t most) {
  if (!text.ends_with(unit)) return std::nullopt;
  const auto count = parse_whole(text.substr(0, text.size() - 1), static_cast<std::uint64_t>(most));
  if (!count || *count == 0) return std::nullopt;
  return static_cast<std::int32_t>(*count);
}
bool read_days(const std::string& text, WindowQuery& query) {
  return (query.days = count_of(text, 'd', window_days_max)).has_value();
}
bool read_hours(const std::string& text, WindowQuery& query) {
  return (query.hours = count_of(text, 'h', stat_hours_kept)).has_value();
}

constexpr Parameter<WindowQuery> from_parameter{"from", "a date such as 2026-02-01",
                                                [](const std::string& text, WindowQuery& query) {
                                                  query.from = parse_date(text);
                                                  return query.from.has_value();
                                                }};
constexpr Parameter<WindowQuery> to_parameter{"to", "a date such as 2026-02-28",
                                              [](const std::string& text, WindowQuery& query) {
                                                query.to = parse_date(text);
                                                return query.to.has_value();
                                              }};
constexpr Parameter<WindowQuery> days_alone[] = {
    {"window", "1d to 366d: that many days, today included", read_days}, from_parameter, to_parameter};
constexpr Parameter<WindowQuery> days_or_hours[] = {
    {"window", "1d to 366d: that many days, today included; or 1h to 48h: that many hours, the current one included",
     [](const std::string& text, WindowQuery& query) { return read_days(text, query) || read_hours(text, query); }},
    from_parameter,
    to_parameter};
constexpr Parameter<WindowQuery> hours_alone[] = {
    {"window", "1h to 48h: that many hours, the current one included", read_hours}};

StatRange last_hours(const Call& call, std::int32_t hours) {
  const Hour now = hour_of(call.services().loop.wall_now());
  return {.is_hourly = true, .first = now - hours + 1, .last = now};
}

}  // namespace

std::expected<StatRange, Problem> read_window(const Call& call, bool takes_hours) {
  WindowQuery query;
  const std::span<const Parameter<WindowQuery>> table = takes_hours ? std::span(days_or_hours) : std::span(days_alone);
  if (auto problem = read_query<WindowQuery>(call.exchange->query(), table, query))
    return std::unexpected(std::move(*problem));
  if ((query.days || query.hours) && (query.from || query.to)) return std::unexpected(invalid_field("window", either));
  if (query.hours) return last_hours(call, *query.hours);
  StatRange range;
  range.last = query.to.value_or(day_of(call.services().loop.wall_now()));
  range.first = query.from.value_or(range.last - query.days.value_or(days_default) + 1);
  if (range.count() < 1 || range.count() > window_days_max) {
    return std::unexpected(invalid_field(query.from ? "from" : "to", "a range of 1 to 366 days"));
  }
  return range;
}

std::expected<StatRange, Problem> read_hours_window(const Call& call) {
  WindowQuery query;
  if (auto problem = read_query<WindowQuery>(call.exchange->query(), hours_alone, query))
    return std::unexpected(std::move(*problem));
  return last_hours(call, query.hours.value_or(hours_default));
}

void write_window(JsonWriter& json, const StatRange& range) {
  const auto begin = [&](std::int32_t at) { return range.is_hourly ? begin_of_hour(at) : begin_of_day(at); };
  json.field("window", fmt::format("{}{}", range.count(), range.is_hourly ? 'h' : 'd'));
  json.field("from", rfc3339(begin(range.first))).field("to", rfc3339(begin(range.last + 1)));
}

WallTime begin_of_day(Day day) { return WallTime{std::chrono::sys_days{std::chrono::days{day}}}; }
WallTime begin_of_hour(Hour hour) { return WallTime{std::chrono::hours{hour}}; }

}  // namespace xion
