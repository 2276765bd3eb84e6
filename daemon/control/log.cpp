#include <fmt/format.h>

#include <algorithm>

#include "app/codes/read_otp.h"
#include "base/log.h"
#include "control/duration.h"
#include "control/observers.h"
#include "control/verb.h"
#include "core/phone.h"

namespace xion::control {
namespace {

constexpr std::int64_t shown_lines = 20, shown_lines_at_most = 10'000;
/// Requests of a phone that are known from before; those to come join them.
constexpr std::size_t known_requests = 100;
constexpr Seconds trace_span{600}, trace_span_at_most{86'400};

constexpr std::string_view levels_hint = "levels: debug info warning error";
constexpr std::string_view phone_wanted = "expected a phone number such as +37499123456";

std::string array_of(const std::vector<std::string>& lines) {
  JsonWriter json;
  json.begin_array();
  for (const std::string& line : lines) json.raw(line);
  json.end_array();
  return std::move(json).str();
}

/// Shows what is there, and goes on where that is wanted.
void show(const Command& command, const LogFollowers::FilterRef& filter) {
  const auto count = static_cast<std::size_t>(
      std::clamp(command.request.number("lines").value_or(shown_lines), std::int64_t{0}, shown_lines_at_most));
  LogFollowers& followers = command.observers->followers;
  if (command.request.number("lines") && !command.request.flag("follow")) {
    return command.done(array_of(followers.last(*filter, count)));
  }
  Follower follower(command.line);
  follower.begin();
  followers.add(filter, std::move(follower), count);
}

/// The phone's requests as they are known, and those that it makes from now on.
void show_phone(Command command, LogFollowers::FilterRef filter, const Phone& phone) {
  filter->phone = mask_phone(phone.e164, phone.country_code);
  command.services.phone_watch.add(phone.e164, [weak = std::weak_ptr(filter)](const OtpId& request) {
    const auto alive = weak.lock();
    if (alive) alive->requests.insert(to_string(request));
    return alive != nullptr;
  });
  Services& services = command.services;
  list_otps(
      services, {.app = {}, .phone = phone.e164, .before = {}, .limit = known_requests},
      [command = std::move(command), filter = std::move(filter)](const std::vector<OtpView>& found, bool is_read) {
        if (!is_read) return command.refuse("the store can't be read", "see `xionctl status`");
        for (const OtpView& view : found) filter->requests.insert(to_string(view.otp.id));
        show(command, filter);
      });
}

void write_trace(JsonWriter& json, const PhoneTraces::View& trace) {
  json.begin_object().field("phone", trace.phone).field("until", rfc3339(trace.until));
  json.field("requests", static_cast<std::uint64_t>(trace.requests)).end_object();
}

/// Follows the log, or shows its last lines.
void log_follow(Command command) {
  if (!command.observers->followers.is_there()) return command.refuse("this daemon keeps no log in memory");
  auto filter = std::make_shared<LogFilter>();
  if (const auto wanted = command.request.text("level")) {
    const auto level = log::parse_level(*wanted);
    if (!level) return command.misuse(fmt::format("there is no level {}", *wanted), std::string(levels_hint));
    filter->level = *level;
  }
  filter->event = command.request.text("event").value_or("");
  filter->carrier = command.request.text("carrier").value_or("");
  if (const auto wanted = command.request.text("request")) {
    const auto id = parse_otp_id(*wanted);
    if (!id) return command.misuse("expected a request id such as OTP-06EZ7K3M9QX2T5RB");
    filter->request = to_string(*id);
  }
  const auto wanted = command.request.text("phone");
  if (!wanted) return show(command, filter);
  const auto phone = parse_phone(*wanted);
  if (!phone) return command.misuse(std::string(phone_wanted), describe(phone.error(), *wanted));
  show_phone(std::move(command), std::move(filter), *phone);
}

/// Shows the level, or sets it until the next reload or start.
void log_level(Command command) {
  if (const auto wanted = command.request.text("level")) {
    const auto level = log::parse_level(*wanted);
    if (!level) return command.misuse(fmt::format("there is no level {}", *wanted), std::string(levels_hint));
    log::set_level(*level);
  }
  JsonWriter json;
  json.begin_object()
      .field("level", log::to_string(log::level()))
      .field("configured", command.services.settings->log_level)
      .end_object();
  command.done(std::move(json).str());
}

/// Logs everything about a phone for a while, or no more; without one, shows which are traced.
void log_trace(Command command) {
  PhoneTraces& traces = command.observers->traces;
  if (const auto wanted = command.request.text("phone")) {
    const auto phone = parse_phone(*wanted);
    if (!phone) return command.misuse(std::string(phone_wanted), describe(phone.error(), *wanted));
    if (command.request.flag("off")) {
      if (!traces.stop(phone->e164))
        return command.refuse("this phone is not traced", "`xionctl log trace` shows which are");
    } else {
      const auto text = command.request.text("for");
      const auto span = text ? parse_duration(*text) : std::optional(trace_span);
      if (!span || *span > trace_span_at_most)
        return command.misuse(fmt::format("{} is no time up to a day", *text), "such as 10m or 2h");
      if (!traces.start(*phone, *span))
        return command.refuse("so many phones are traced already", "end one: `xionctl log trace PHONE --off`");
    }
  } else if (command.request.flag("off") || command.request.text("for")) {
    return command.misuse("which phone?", "`xionctl log trace PHONE`");
  }
  JsonWriter json;
  json.begin_array();
  for (const PhoneTraces::View& trace : traces.view()) write_trace(json, trace);
  json.end_array();
  command.done(std::move(json).str());
}

}  // namespace

Verbs log_verbs() {
  static constexpr Verb verbs[] = {{"log", log_follow}, {"log trace", log_trace}, {"log level", log_level}};
  static_assert(is_every_verb_of("log", verbs));
  return verbs;
}

}  // namespace xion::control
