#include "control/verb.h"

namespace xion::control {
namespace {

/// The configuration in force, every key under the file's own name; passwords are left out.
void config_show(Command command) {
  JsonWriter json;
  json.begin_object().field("config", command.services.settings->config_path);
  json.field("configHash", command.facts.config_hash);
  if (command.facts.write_settings) command.facts.write_settings(json);
  json.end_object();
  command.done(std::move(json).str());
}

void reconfigure(const Command& command, bool apply) {
  if (!command.facts.reconfigure) return command.refuse("this daemon can't read its configuration again");
  auto report = command.facts.reconfigure(apply);
  if (!report) return command.refuse(report.error());
  command.done(std::move(*report));
}

void config_diff(Command command) { reconfigure(command, false); }
void config_apply(Command command) { reconfigure(command, true); }

}  // namespace

Verbs config_verbs() {
  static constexpr Verb verbs[] = {
      {"config show", config_show}, {"config diff", config_diff}, {"config apply", config_apply}};
  static_assert(is_every_verb_of("config", verbs));
  return verbs;
}

}  // namespace xion::control
