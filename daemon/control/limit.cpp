#include <fmt/format.h>

#include <algorithm>

#include "app/codes/subject_limits.h"
#include "base/log.h"
#include "control/verb.h"
#include "core/guard/guess_budget.h"

namespace xion::control {
namespace {

struct LimitQuestion {
  LimitSubject subject;
  std::optional<AppId> app;
};

/// Whose limits are meant; refuses the command where that can't be told.
std::optional<LimitQuestion> limit_question(const Command& command) {
  const std::string wanted = command.required("subject");
  auto subject = parse_limit_subject(wanted);
  if (!subject) {
    command.misuse(fmt::format("{} is neither a phone nor an address nor a user nor a limit key", wanted),
                   "such as +37499123456, 203.0.113.7, user:ID or key:device=ID");
    return std::nullopt;
  }
  LimitQuestion question{std::move(*subject), {}};
  if (const auto name = command.request.text("app")) {
    const auto app = command.services.directory.app_named(*name);
    if (!app) {
      command.refuse(fmt::format("there is no app {}", *name), "`xionctl app list` shows them");
      return std::nullopt;
    }
    question.app = app->app.id;
  }
  return question;
}

std::string shown_subject(const Command& command, const LimitSubject& subject) {
  return command.request.flag("reveal") ? subject.text : subject.masked;
}

void limit_show(Command command) {
  const auto question = limit_question(command);
  if (!question) return;
  Services& services = command.services;
  read_limits(services, question->subject, question->app,
              [command = std::move(command), subject = question->subject](LimitState state, bool is_read) {
                if (!is_read) return command.refuse("the store can't be read", "see `xionctl status`");
                JsonWriter json;
                json.begin_object().field("subject", shown_subject(command, subject));
                if (subject.is_phone) json.field("blocked", state.is_blocked).field("allowed", state.is_allowed);
                json.key("limits").begin_array();
                for (const LimitUse& use : state.uses) {
                  json.begin_object().field("app", use.app).field("policy", use.policy).field("limit", use.limit);
                  json.field("windowSeconds", use.window.count()).field("used", use.used);
                  json.field("left", use.limit - std::min(use.limit, use.used)).field("waitSeconds", use.wait.count());
                  json.end_object();
                }
                json.end_array().end_object();
                command.done(std::move(json).str());
              });
}

void limit_reset(Command command) {
  const auto question = limit_question(command);
  if (!question) return;
  Services& services = command.services;
  reset_limits(
      services, question->subject, question->app,
      [command = std::move(command), subject = question->subject](bool is_kept) {
        if (!is_kept) return command.refuse("the store could not keep it; nothing was changed", "see `xionctl status`");
        log::info("limit.reset", "subject={}", subject.masked);
        JsonWriter json;
        json.begin_object().field("subject", shown_subject(command, subject)).field("reset", true).end_object();
        command.done(std::move(json).str());
      });
}

void limit_budget(Command command) {
  const std::string name = command.required("app");
  const auto app = command.services.directory.app_named(name);
  if (!app) return command.refuse(fmt::format("there is no app {}", name), "`xionctl app list` shows them");
  const GuessBudget budget = guess_budget(app->policy.otp, app->policy.limits);
  JsonWriter json;
  json.begin_object().field("app", app->app.name).field("digits", std::uint32_t{budget.digits});
  json.field("inTenMinutes", budget.in_ten_minutes).field("inADay", budget.in_a_day);
  json.field("inARow", budget.in_a_row).field("chanceADay", budget.chance(budget.in_a_day));
  json.field("chanceInARow", budget.chance(budget.in_a_row)).field("inWords", describe(budget)).end_object();
  command.done(std::move(json).str());
}

}  // namespace

Verbs limit_verbs() {
  static constexpr Verb verbs[] = {
      {"limit show", limit_show}, {"limit reset", limit_reset}, {"limit budget", limit_budget}};
  static_assert(is_every_verb_of("limit", verbs));
  return verbs;
}

}  // namespace xion::control
