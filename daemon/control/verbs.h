#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "app/services.h"
#include "control/commands.h"
#include "control/follower.h"
#include "ports/control_socket.h"
#include "wire/wire.h"

/// What the command table leads to, one file a noun. The arguments have their types already.
namespace xion::control {

struct Command {
  Services& services;
  const DaemonFacts& facts;
  wire::Request request;
  std::function<void(wire::Answer)> answer;  ///< Once.
  /// One line of an answer that goes on; see ControlReply::line. `Follower` speaks through it.
  std::function<ControlSent(std::string)> line{};
  Observers* observers = nullptr;
  std::shared_ptr<OpenFile> handed{};  ///< What the client handed over with the command; mostly null.

  void done(std::string result_json) const { answer(wire::Answer::done(std::move(result_json))); }
  void refuse(std::string detail, std::string hint = {}) const {
    answer(wire::Answer::refused(std::move(detail), std::move(hint)));
  }
  void misuse(std::string detail, std::string hint = {}) const {
    answer(wire::Answer::misused(std::move(detail), std::move(hint)));
  }
  void refuse(const Refusal& refusal) const { refuse(refusal.detail, refusal.hint); }
  /// An argument that the table requires.
  std::string required(std::string_view name) const { return std::string(request.text(name).value_or("")); }
};

/// There is no carrier of the name that `command` names.
void refuse_unknown_carrier(const Command& command);

void status(Command command);
void backup(Command command);
void config_show(Command command);
void config_diff(Command command);
void config_apply(Command command);
void log_follow(Command command);
void log_level(Command command);
void log_trace(Command command);
void send(Command command);
void stats(Command command);
void key_rotate(Command command);
void app_add(Command command);
void app_list(Command command);
void app_show(Command command);
void app_set(Command command);
void app_remove(Command command);
void key_create(Command command);
void key_list(Command command);
void key_revoke(Command command);
void carrier_list(Command command);
void carrier_show(Command command);
void carrier_pause(Command command);
void carrier_resume(Command command);
void carrier_drain(Command command);
void carrier_reconnect(Command command);
void carrier_trace(Command command);
void carrier_receipt(Command command);
void otp_list(Command command);
void otp_show(Command command);
void otp_trace(Command command);
void otp_cancel(Command command);
void route_list(Command command);
void route_explain(Command command);
void queue_show(Command command);
void queue_expire(Command command);
void receipt_unmatched(Command command);
void receipt_match(Command command);
void block_add(Command command);
void block_list(Command command);
void block_remove(Command command);
void allow_add(Command command);
void allow_list(Command command);
void allow_remove(Command command);
void limit_show(Command command);
void fraud_show(Command command);
void fraud_simulate(Command command);
void usage(Command command);
void template_add(Command command);
void template_list(Command command);
void template_lint(Command command);
void template_preview(Command command);
void template_remove(Command command);
void limit_reset(Command command);
void dashboard_invite(Command command);
void dashboard_sessions(Command command);
void dashboard_revoke(Command command);
void webhook_add(Command command);
void webhook_list(Command command);
void webhook_test(Command command);
void webhook_deliveries(Command command);
void webhook_replay(Command command);
void webhook_rotate(Command command);
void webhook_enable(Command command);
void webhook_remove(Command command);
void rotate_master_key(Command command);

}  // namespace xion::control
