#include "control/verbs.h"

namespace xion::control {
namespace {

void reconfigure(const Command& command, bool apply) {
  if (!command.facts.reconfigure) return command.refuse("this daemon can't read its configuration again");
  auto report = command.facts.reconfigure(apply);
  if (!report) return command.refuse(report.error());
  command.done(std::move(*report));
}

}  // namespace

void config_diff(Command command) { reconfigure(command, false); }
void config_apply(Command command) { reconfigure(command, true); }

}  // namespace xion::control
