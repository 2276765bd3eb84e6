#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "app/delivery/carriers.h"
#include "app/owners/directory.h"
#include "app/services.h"
#include "control/commands.h"
#include "control/follower.h"
#include "core/owners/audit_event.h"
#include "ports/control_socket.h"
#include "wire/catalogue.h"
#include "wire/wire.h"

/// What the catalogue of commands leads to, one file a noun. The arguments have their types already.
namespace xion::control {

struct Command {
  Services& services;
  const DaemonFacts& facts;
  wire::Request request;
  std::function<void(wire::Answer)> answer;  ///< Once.
  /// One line of an answer that goes on; see ControlReply::line. `Follower` speaks through it.
  std::function<ControlSent(std::string)> line{};
  Observers* observers = nullptr;
  Actor who{};                         ///< Who asks.
  KeyAsker asker{};                    ///< Whoever runs a command for somebody else than an operator says so.
  std::shared_ptr<OpenFile> handed{};  ///< What the client handed over with the command; mostly null.

  void done(std::string result_json) const { answer(wire::Answer::done(std::move(result_json))); }
  void refuse(std::string detail, std::string hint = {}) const {
    answer(wire::Answer::refused(std::move(detail), std::move(hint)));
  }
  void misuse(std::string detail, std::string hint = {}) const {
    answer(wire::Answer::misused(std::move(detail), std::move(hint)));
  }
  void refuse(const Refusal& refusal) const {
    wire::Answer told = wire::Answer::refused(refusal.detail, refusal.hint);
    told.is_forbidden = refusal.is_forbidden;
    answer(std::move(told));
  }
  /// An argument that the table requires.
  std::string required(std::string_view name) const { return std::string(request.text(name).value_or("")); }
};

/// One row of a noun's file: what the daemon does for a command.
struct Verb {
  wire::CommandId command;
  void (*run)(Command);
};
using Verbs = std::span<const Verb>;

/// Whether `verbs` are all that the catalogue has of a noun for the daemon, each once.
constexpr bool is_every_verb_of(std::string_view noun, Verbs verbs) {
  return wire::has_each_once(verbs, &Verb::command, [&](const wire::CommandEntry& entry) {
    return entry.noun() == noun && entry.runs != wire::Runs::xionctl;
  });
}

// One function a noun, in the noun's file.
Verbs allow_verbs();
Verbs app_verbs();
Verbs audit_verbs();
Verbs backup_verbs();
Verbs block_verbs();
Verbs carrier_verbs();
Verbs compact_verbs();
Verbs config_verbs();
Verbs dashboard_verbs();
Verbs export_verbs();
Verbs fraud_verbs();
Verbs import_verbs();
Verbs key_verbs();
Verbs limit_verbs();
Verbs log_verbs();
Verbs otp_verbs();
Verbs phone_verbs();
Verbs queue_verbs();
Verbs cluster_verbs();
Verbs receipt_verbs();
Verbs rotate_master_key_verbs();
Verbs route_verbs();
Verbs send_verbs();
Verbs stats_verbs();
Verbs status_verbs();
Verbs template_verbs();
Verbs usage_verbs();
Verbs webhook_verbs();

}  // namespace xion::control
