#include "control/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/log.h"
#include "base/suggest.h"
#include "control/observers.h"
#include "control/peer.h"
#include "control/verbs.h"

namespace xion {
namespace {

enum class ArgumentType : std::uint8_t { none, text, flag, number, texts, pairs };

struct Argument {
  std::string_view name;
  ArgumentType type = ArgumentType::none;
  bool is_required = false;
  bool is_privileged = false;  ///< Not for those who may only look.
};

struct CommandRow {
  std::string_view name;
  void (*run)(control::Command);
  std::array<Argument, 8> arguments{};
  Role role = Role::commander;
};

using enum ArgumentType;
/// Changes nothing.
constexpr Role looks = Role::viewer;
/// Whole phone numbers are for those who may do everything.
constexpr Argument reveal{"reveal", flag, false, true};
constexpr CommandRow table[] = {
    {"status", control::status, {}, looks},
    {"config show", control::config_show, {}, looks},
    {"config diff", control::config_diff, {}, looks},
    {"config apply", control::config_apply},
    {"backup", control::backup},
    {"log",
     control::log_follow,
     {{{"level", text},
       {"event", text},
       {"request", text},
       {"carrier", text},
       {"phone", text},
       {"lines", number},
       {"follow", flag}}},
     looks},
    {"log trace",
     control::log_trace,
     {{{"phone", text, false, true}, {"for", text}, {"off", flag, false, true}}},
     looks},
    {"send",
     control::send,
     {{{"phone", text, true},
       {"app", text},
       {"carrier", text},
       {"locale", text},
       {"timeout", number},
       {"reveal", flag}}}},
    {"log level", control::log_level, {{{"level", text, false, true}}}, looks},
    {"app add", control::app_add, {{{"name", text, true}, {"plan", text}, {"set", pairs}}}},
    {"app list", control::app_list, {}, looks},
    {"app show", control::app_show, {{{"name", text, true}}}, looks},
    {"app set", control::app_set, {{{"name", text, true}, {"set", pairs, true}}}},
    {"app remove", control::app_remove, {{{"name", text, true}}}},
    {"key create",
     control::key_create,
     {{{"app", text, true}, {"scope", texts}, {"test", flag}, {"expires", text}, {"network", texts}}}},
    {"key list", control::key_list, {{{"app", text}}}, looks},
    {"key rotate", control::key_rotate, {{{"id", text, true}, {"keep", text}}}},
    {"key revoke", control::key_revoke, {{{"id", text, true}}}},
    {"carrier list", control::carrier_list, {}, looks},
    {"carrier show", control::carrier_show, {{{"name", text, true}}}, looks},
    {"carrier pause", control::carrier_pause, {{{"name", text, true}}}},
    {"carrier resume", control::carrier_resume, {{{"name", text, true}}}},
    {"carrier drain", control::carrier_drain, {{{"name", text, true}}}},
    {"carrier reconnect", control::carrier_reconnect, {{{"name", text, true}}}},
    {"carrier trace", control::carrier_trace, {{{"name", text, true}, {"phone", text}, reveal}}, looks},
    {"otp list", control::otp_list, {{{"app", text}, {"phone", text}, {"limit", number}, reveal}}, looks},
    {"otp show", control::otp_show, {{{"id", text, true}, reveal}}, looks},
    {"otp trace", control::otp_trace, {{{"id", text, true}, reveal}}, looks},
    {"otp cancel", control::otp_cancel, {{{"id", text, true}}}},
    {"route list", control::route_list, {}, looks},
    {"route explain",
     control::route_explain,
     {{{"phone", text, true}, {"app", text}, {"purpose", text}, reveal}},
     looks},
    {"queue show", control::queue_show, {{{"limit", number}}}, looks},
    {"queue expire", control::queue_expire, {{{"id", text}, {"all", flag}}}},
    {"receipt unmatched", control::receipt_unmatched, {{{"limit", number}}}, looks},
    {"block add", control::block_add, {{{"subject", text, true}, {"app", text}, {"reason", text}, {"expires", text}}}},
    {"block list", control::block_list, {{{"app", text}}}, looks},
    {"block remove", control::block_remove, {{{"subject", text, true}, {"app", text}}}},
    {"allow add", control::allow_add, {{{"subject", text, true}, {"app", text}, {"reason", text}, {"expires", text}}}},
    {"allow list", control::allow_list, {{{"app", text}}}, looks},
    {"allow remove", control::allow_remove, {{{"subject", text, true}, {"app", text}}}},
    {"fraud show", control::fraud_show, {{{"app", text, true}, {"subject", text}}}, looks},
    {"fraud simulate",
     control::fraud_simulate,
     {{{"app", text, true},
       {"days", text},
       {"daily-floor", text},
       {"daily-share", text},
       {"hourly-floor", text},
       {"hourly-share", text},
       {"countries", text}}},
     looks},
    {"usage", control::usage, {{{"app", text}, {"month", text}, {"daily", flag}}}, looks},
    {"stats", control::stats, {{{"app", text}, {"days", number}, {"month", text}, {"by", text}}}, looks},
    {"template add",
     control::template_add,
     {{{"app", text, true}, {"name", text}, {"locale", text}, {"text", text, true}}}},
    {"template list", control::template_list, {{{"app", text}}}, looks},
    {"template lint", control::template_lint, {{{"app", text, true}, {"text", text, true}, {"set", pairs}}}, looks},
    {"template preview",
     control::template_preview,
     {{{"app", text, true}, {"name", text}, {"locale", text}, {"country", text}, {"set", pairs}}},
     looks},
    {"template remove", control::template_remove, {{{"app", text, true}, {"name", text}, {"locale", text}}}},
    {"limit show", control::limit_show, {{{"subject", text, true}, {"app", text}, reveal}}, looks},
    {"limit reset", control::limit_reset, {{{"subject", text, true}, {"app", text}, reveal}}},
    {"dashboard invite",
     control::dashboard_invite,
     {{{"app", text}, {"role", text}, {"operator", flag}, {"for", text}, {"url", text}}}},
    {"dashboard sessions", control::dashboard_sessions, {{{"app", text}}}, looks},
    {"dashboard revoke", control::dashboard_revoke, {{{"id", text}, {"app", text}, {"operator", flag}}}},
    {"webhook add", control::webhook_add, {{{"app", text, true}, {"url", text, true}, {"type", texts}}}},
    {"webhook list", control::webhook_list, {{{"app", text}}}, looks},
    {"webhook test", control::webhook_test, {{{"id", text, true}}}},
    {"webhook deliveries", control::webhook_deliveries, {{{"id", text, true}, {"limit", number}}}, looks},
    {"webhook replay", control::webhook_replay, {{{"id", text, true}}}},
    {"webhook rotate", control::webhook_rotate, {{{"id", text, true}}}},
    {"webhook enable", control::webhook_enable, {{{"id", text, true}}}},
    {"webhook remove", control::webhook_remove, {{{"id", text, true}}}},
    {"rotate-master-key", control::rotate_master_key, {{{"key", text, true}, {"step", text, true}}}},
};

std::string_view expected(ArgumentType type) {
  switch (type) {
    case none: return "nothing";
    case text: return "a string";
    case flag: return "true or false";
    case number: return "a whole number";
    case texts: return "an array of strings";
    case pairs: return "an object of strings";
  }
  return "";
}

bool has_type(const wire::Value& value, ArgumentType type) {
  const auto is_text = [](const wire::Value& one) { return one.text() != nullptr; };
  switch (type) {
    case none: return false;
    case text: return value.text() != nullptr;
    case flag: return value.truth() != nullptr;
    case number: return value.whole() != nullptr;
    case texts: return value.array() != nullptr && std::ranges::all_of(*value.array(), is_text);
    case pairs:
      return value.object() != nullptr &&
             std::ranges::all_of(*value.object(), [&](const auto& member) { return is_text(member.second); });
  }
  return false;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known) {
  const auto found = closest(typed, known);
  return found ? fmt::format("did you mean {}?", *found) : std::string();
}

/// Every argument known and of its type, every required one there.
std::optional<wire::Answer> check_arguments(const CommandRow& row, const wire::Value& args) {
  for (const auto& [name, value] : *args.object()) {
    const auto argument = std::ranges::find(row.arguments, name, &Argument::name);
    if (argument == row.arguments.end()) {
      std::vector<std::string_view> known;
      for (const Argument& one : row.arguments) {
        if (one.type != none) known.push_back(one.name);
      }
      return wire::Answer::misused(fmt::format("{} takes no {}", row.name, name), did_you_mean(name, known));
    }
    if (!has_type(value, argument->type)) {
      return wire::Answer::misused(fmt::format("{}: {}: expected {}", row.name, name, expected(argument->type)));
    }
  }
  for (const Argument& argument : row.arguments) {
    if (argument.is_required && args.find(argument.name) == nullptr) {
      return wire::Answer::misused(fmt::format("{} needs {}", row.name, argument.name));
    }
  }
  return std::nullopt;
}

/// What a request asks for that this role may not; nothing where it may all of it.
std::optional<std::string> beyond(Role role, const CommandRow& row, const wire::Value& args) {
  if (role == Role::commander) return std::nullopt;
  if (row.role == Role::commander) return std::string(row.name);
  for (const Argument& argument : row.arguments) {
    if (argument.is_privileged && args.find(argument.name) != nullptr)
      return fmt::format("{} with {}", row.name, argument.name);
  }
  return std::nullopt;
}

const CommandRow* find_row(std::string_view name) {
  const auto row = std::ranges::find(table, name, &CommandRow::name);
  return row == std::end(table) ? nullptr : &*row;
}

wire::Answer unknown_command(std::string_view name) {
  std::vector<std::string_view> known;
  for (const CommandRow& row : table) known.push_back(row.name);
  return wire::Answer::misused(fmt::format("there is no command {}", name), did_you_mean(name, known));
}

}  // namespace

Control::Control(Services& services, const DaemonFacts& facts)
    : services_(services), facts_(facts), observers_(std::make_unique<control::Observers>(services, facts.log_tail)) {}
Control::~Control() = default;

void Control::reconfigured() { observers_->traces.follow_carriers(); }

void Control::handle(const ControlPeer& peer, std::string_view line, ControlReply reply) {
  const auto answer = [reply](const wire::Answer& given) { reply(wire::encode(given)); };
  const Settings& settings = *services_.settings;
  const Role role = role_of(peer, settings.control_group, settings.control_view_group);
  if (role == Role::stranger) {
    log::warning("control.refused", "uid={} pid={}", peer.uid, peer.pid);
    return answer(wire::Answer::refused("you may not use this daemon",
                                        fmt::format("be root, or a member of the group {} (everything) or {} (looking)",
                                                    settings.control_group, settings.control_view_group)));
  }
  auto request = wire::decode_request(line);
  if (!request) return answer(wire::Answer::misused(request.error()));
  const CommandRow* row = find_row(request->command);
  if (row == nullptr) return answer(unknown_command(request->command));
  if (const auto refusal = check_arguments(*row, request->args)) return answer(*refusal);
  if (const auto what = beyond(role, *row, request->args)) {
    log::warning("control.refused", "command=\"{}\" uid={} pid={}", row->name, peer.uid, peer.pid);
    return answer(wire::Answer::refused(fmt::format("you may look at this daemon, but not use {}", *what),
                                        fmt::format("be root, or a member of the group {}", settings.control_group)));
  }
  log::info("control.command", "command=\"{}\" uid={} pid={}", row->name, peer.uid, peer.pid);
  row->run(control::Command{services_, facts_, std::move(*request), answer,
                            [reply](std::string streamed) { return reply.line(std::move(streamed)); }, observers_.get(),
                            peer.handed});
}

void Control::run(wire::Request request, std::function<void(wire::Answer)> answer) {
  const CommandRow* row = find_row(request.command);
  if (row == nullptr) return answer(unknown_command(request.command));
  if (const auto refusal = check_arguments(*row, request.args)) return answer(*refusal);
  row->run(control::Command{services_, facts_, std::move(request), std::move(answer),
                            [](std::string) { return ControlSent::gone; }});
}

}  // namespace xion
