#include "control/commands.h"

#include <fmt/format.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <vector>

#include "base/log.h"
#include "base/suggest.h"
#include "control/audited.h"
#include "control/observers.h"
#include "control/peer.h"
#include "control/verb.h"
#include "wire/catalogue.h"

namespace xion {
namespace {

using wire::Argument;
using wire::ArgumentType;
using wire::CommandEntry;

struct NounVerbs {
  std::string_view noun;
  control::Verbs (*verbs)();
};
constexpr NounVerbs nouns[] = {
    {"allow", control::allow_verbs},
    {"app", control::app_verbs},
    {"audit", control::audit_verbs},
    {"backup", control::backup_verbs},
    {"block", control::block_verbs},
    {"carrier", control::carrier_verbs},
    {"compact", control::compact_verbs},
    {"config", control::config_verbs},
    {"dashboard", control::dashboard_verbs},
    {"export", control::export_verbs},
    {"fraud", control::fraud_verbs},
    {"import", control::import_verbs},
    {"key", control::key_verbs},
    {"limit", control::limit_verbs},
    {"log", control::log_verbs},
    {"otp", control::otp_verbs},
    {"phone", control::phone_verbs},
    {"queue", control::queue_verbs},
    {"cluster", control::cluster_verbs},
    {"receipt", control::receipt_verbs},
    {"rotate-master-key", control::rotate_master_key_verbs},
    {"route", control::route_verbs},
    {"send", control::send_verbs},
    {"stats", control::stats_verbs},
    {"status", control::status_verbs},
    {"template", control::template_verbs},
    {"usage", control::usage_verbs},
    {"webhook", control::webhook_verbs},
};

constexpr bool is_of_daemon(const CommandEntry& entry) { return entry.runs != wire::Runs::xionctl; }
static_assert(std::ranges::all_of(wire::catalogue,
                                  [](const CommandEntry& entry) {
                                    return !is_of_daemon(entry) ||
                                           std::ranges::count(nouns, entry.noun(), &NounVerbs::noun) == 1;
                                  }),
              "each noun of the catalogue has its file here");

/// What the daemon does for each command of the catalogue; null for what `xionctl` does alone.
using Runners = std::array<void (*)(control::Command), wire::catalogue.size()>;
const Runners& runners() {
  static const Runners all = [] {
    Runners found{};
    for (const NounVerbs& noun : nouns) {
      for (const control::Verb& verb : noun.verbs()) found[verb.command.index()] = verb.run;
    }
    return found;
  }();
  return all;
}

std::string_view expected(ArgumentType type) {
  switch (type) {
    case ArgumentType::text: return "a string";
    case ArgumentType::flag: return "true or false";
    case ArgumentType::number: return "a whole number";
    case ArgumentType::texts: return "an array of strings";
    case ArgumentType::pairs: return "an object of strings";
  }
  return "";
}

bool has_type(const wire::Value& value, ArgumentType type) {
  const auto is_text = [](const wire::Value& one) { return one.text() != nullptr; };
  switch (type) {
    case ArgumentType::text: return value.text() != nullptr;
    case ArgumentType::flag: return value.truth() != nullptr;
    case ArgumentType::number: return value.whole() != nullptr;
    case ArgumentType::texts: return value.array() != nullptr && std::ranges::all_of(*value.array(), is_text);
    case ArgumentType::pairs:
      return value.object() != nullptr &&
             std::ranges::all_of(*value.object(), [&](const auto& member) { return is_text(member.second); });
  }
  return false;
}

std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known) {
  const auto found = closest(typed, known);
  return found ? fmt::format("did you mean {}?", *found) : std::string();
}

/// The arguments that come over the socket.
std::vector<Argument> told_arguments(const CommandEntry& entry) {
  std::vector<Argument> told;
  std::ranges::copy_if(entry.arguments, std::back_inserter(told),
                       [](const Argument& argument) { return argument.side != wire::Side::xionctl; });
  return told;
}

/// Every argument known and of its type, every required one there.
std::optional<wire::Answer> check_arguments(const CommandEntry& entry, const wire::Value& args) {
  const std::vector<Argument> told = told_arguments(entry);
  for (const auto& [name, value] : *args.object()) {
    const auto argument = std::ranges::find(told, name, &Argument::wire_name);
    if (argument == told.end()) {
      std::vector<std::string_view> known;
      for (const Argument& one : told) known.push_back(one.wire_name());
      return wire::Answer::misused(fmt::format("{} takes no {}", entry.name, name), did_you_mean(name, known));
    }
    if (!has_type(value, argument->type)) {
      return wire::Answer::misused(fmt::format("{}: {}: expected {}", entry.name, name, expected(argument->type)));
    }
  }
  for (const Argument& argument : told) {
    if (argument.is_required && args.find(argument.wire_name()) == nullptr) {
      return wire::Answer::misused(fmt::format("{} needs {}", entry.name, argument.wire_name()));
    }
  }
  return std::nullopt;
}

/// What a request asks for that this role may not; nothing where it may all of it.
std::optional<std::string> beyond(Role role, const CommandEntry& entry, const wire::Value& args) {
  if (role == Role::commander) return std::nullopt;
  if (entry.role == Role::commander) return std::string(entry.name);
  for (const Argument& argument : entry.arguments) {
    if (argument.is_privileged && args.find(argument.wire_name()) != nullptr)
      return fmt::format("{} with {}", entry.name, argument.wire_name());
  }
  return std::nullopt;
}

const CommandEntry* find_entry(std::string_view name) {
  const auto* const entry = std::ranges::find(wire::catalogue, name, &CommandEntry::name);
  return entry == wire::catalogue.end() || !is_of_daemon(*entry) ? nullptr : entry;
}

void run_entry(const CommandEntry& entry, control::Command command) {
  const auto run = runners()[static_cast<std::size_t>(&entry - wire::catalogue.data())];
  if (control::is_audited(entry, command.request.args)) return control::run_audited(entry, std::move(command), run);
  run(std::move(command));
}

/// As the kernel says, and beside it what xionctl says of sudo.
Actor actor_of(const ControlPeer& peer, const wire::Request& request) {
  Actor actor{.uid = peer.uid, .name = {}, .sudo_user = {}, .person = {}, .from = fmt::format("pid {}", peer.pid)};
  if (const passwd* user = getpwuid(peer.uid)) actor.name = user->pw_name;
  if (peer.uid == 0) actor.sudo_user = request.by.substr(0, 64);
  return actor;
}

wire::Answer unknown_command(std::string_view name) {
  std::vector<std::string_view> known;
  for (const CommandEntry& entry : wire::catalogue) {
    if (is_of_daemon(entry)) known.push_back(entry.name);
  }
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
  const CommandEntry* entry = find_entry(request->command);
  if (entry == nullptr) return answer(unknown_command(request->command));
  if (const auto refusal = check_arguments(*entry, request->args)) return answer(*refusal);
  if (const auto what = beyond(role, *entry, request->args)) {
    log::warning("control.refused", "command=\"{}\" uid={} pid={}", entry->name, peer.uid, peer.pid);
    return answer(wire::Answer::refused(fmt::format("you may look at this daemon, but not use {}", *what),
                                        fmt::format("be root, or a member of the group {}", settings.control_group)));
  }
  // Who only looks is not told as loudly as who changes something, or stays to follow.
  const bool stays = entry->name == "log" || entry->name == "carrier trace";
  if (stays || control::is_audited(*entry, request->args))
    log::info("control.command", "command=\"{}\" uid={} pid={}", entry->name, peer.uid, peer.pid);
  else
    log::debug("control.command", "command=\"{}\" uid={} pid={}", entry->name, peer.uid, peer.pid);
  Actor actor = actor_of(peer, *request);
  run_entry(*entry, control::Command{services_, facts_, std::move(*request), answer,
                                     [reply](std::string streamed) { return reply.line(std::move(streamed)); },
                                     observers_.get(), std::move(actor), the_operator, peer.handed});
}

void Control::run(wire::Request request, Actor who, const KeyAsker& asker, std::function<void(wire::Answer)> answer) {
  const CommandEntry* entry = find_entry(request.command);
  if (entry == nullptr) return answer(unknown_command(request.command));
  if (const auto refusal = check_arguments(*entry, request.args)) return answer(*refusal);
  run_entry(*entry, control::Command{services_, facts_, std::move(request), std::move(answer),
                                     [](std::string) { return ControlSent::gone; }, nullptr, std::move(who), asker});
}

}  // namespace xion
