#include <fmt/format.h>

#include <charconv>

#include "app/codes/guard_state.h"
#include "control/verb.h"

namespace xion::control {
namespace {

std::shared_ptr<AppEntry> watched_app(const Command& command) {
  auto app = command.services.directory.app_named(command.required("app"));
  if (!app) command.refuse(fmt::format("there is no app {}", command.required("app")), "`xionctl app list` shows them");
  return app;
}

std::string_view mode_name(GuardMode mode) {
  switch (mode) {
    case GuardMode::off: return "off";
    case GuardMode::record: return "record";
    case GuardMode::enforce: return "enforce";
    case GuardMode::automatic: return "auto";
  }
  return "";
}

std::string_view why(GuardMode configured, const GuardStage& stage) {
  if (configured != GuardMode::automatic) return "it is set";
  if (stage.is_untried) return "the app never verified a code: it is held to the budgets of a day";
  return stage.enforces_from ? "the app's best day is not known before it has verified for two weeks"
                             : "the app has verified for two weeks";
}

void write_guard_row(JsonWriter& json, const GuardRow& row, const GuardSettings& settings) {
  json.begin_object().field("kind", to_string(row.of)).field("subject", row.subject);
  json.field("unverifiedDay", row.traffic.unverified_day).field("dailyBudget", daily_budget(settings, row.traffic));
  json.field("unverifiedHour", row.traffic.unverified_hour).field("hourlyBudget", hourly_budget(settings, row.traffic));
  json.field("verifiedDay", row.traffic.verified_day).field("bestVerifiedDay", row.traffic.best_verified_day);
  if (is_of_end_user(row.of)) json.field("unverifiedCountries", row.traffic.other_countries);
  json.field("covered", check_traffic(settings, row.of, row.traffic).empty()).end_object();
}

void write_replayed(JsonWriter& json, const ReplayedCountry& count) {
  json.field("sends", count.sends).field("refused", count.refused).field("refusedVerified", count.refused_verified);
}

/// A threshold of a simulation, given as a text; the app's own where it is not. False: it is no number in the range.
template <typename Number>
bool read_threshold(const Command& command, std::string_view name, Number least, Number most, Number& out) {
  const auto text = command.request.text(name);
  if (!text) return true;
  Number value{};
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || !(value >= least && value <= most)) {
    command.misuse(fmt::format("{} = {}: expected a number from {} to {}", name, *text, least, most));
    return false;
  }
  out = value;
  return true;
}

void fraud_show(Command command) {
  const auto app = watched_app(command);
  if (!app) return;
  std::optional<LimitSubject> subject;
  if (const auto text = command.request.text("subject")) {
    subject = parse_limit_subject(*text);
    if (!subject)
      return command.misuse(fmt::format("{} is neither a phone nor an address", *text),
                            "such as +37499123456 or 203.0.113.7");
  }
  Services& services = command.services;
  guard_rows(services, app->app.id, app->policy.guard.mode, std::move(subject),
             [command = std::move(command), app](GuardState state, bool is_read) {
               if (!is_read) return command.refuse("the store can't be read", "see `xionctl status`");
               JsonWriter json;
               json.begin_object()
                   .field("app", app->app.name)
                   .field("mode", mode_name(app->policy.guard.mode))
                   .field("now", mode_name(state.stage.mode))
                   .field("why", why(app->policy.guard.mode, state.stage));
               if (state.stage.enforces_from) json.field("enforcesFrom", rfc3339(*state.stage.enforces_from));
               json.key("traffic").begin_array();
               for (const GuardRow& row : state.rows) write_guard_row(json, row, app->policy.guard);
               json.end_array().end_object();
               command.done(std::move(json).str());
             });
}

void fraud_simulate(Command command) {
  const auto app = watched_app(command);
  if (!app) return;
  ReplayWish wish{app->app.id, app->policy.guard, Seconds{7 * 86'400}};
  std::uint32_t days = 7;
  GuardSettings& settings = wish.settings;
  constexpr std::uint32_t most = 1'000'000;
  if (!read_threshold(command, "days", 1U, 90U, days) ||
      !read_threshold(command, "daily-floor", 0U, most, settings.daily_floor) ||
      !read_threshold(command, "daily-share", 0.0, 100.0, settings.daily_share) ||
      !read_threshold(command, "hourly-floor", 0U, most, settings.hourly_floor) ||
      !read_threshold(command, "hourly-share", 0.0, 100.0, settings.hourly_share) ||
      !read_threshold(command, "countries", 0U, 250U, settings.countries_per_user_ip))
    return;
  wish.back = Seconds{std::int64_t{days} * 86'400};
  Services& services = command.services;
  replay_guard(services, std::move(wish), [command = std::move(command), app](std::optional<ReplayTold> told) {
    if (!told) return command.refuse("the store can't be read", "see `xionctl status`");
    JsonWriter json;
    json.begin_object().field("app", app->app.name).field("from", rfc3339(told->from)).field("to", rfc3339(told->to));
    json.field("requestsRead", told->requests_read).field("cut", told->is_cut);
    write_replayed(json, told->result.all);
    json.key("rules").begin_array();
    for (const auto& [rule, refused] : told->result.rules)
      json.begin_object().field("rule", rule).field("refused", refused).end_object();
    json.end_array().key("countries").begin_array();
    for (const auto& [country, count] : told->result.countries) {
      json.begin_object().field("country", country);
      write_replayed(json, count);
      json.end_object();
    }
    json.end_array().end_object();
    command.done(std::move(json).str());
  });
}

}  // namespace

Verbs fraud_verbs() {
  static constexpr Verb verbs[] = {{"fraud show", fraud_show}, {"fraud simulate", fraud_simulate}};
  static_assert(is_every_verb_of("fraud", verbs));
  return verbs;
}

}  // namespace xion::control
