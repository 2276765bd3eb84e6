#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "control/verbs.h"

namespace xion::control {
namespace {

constexpr std::array<std::pair<std::string_view, log::Level>, 4> log_levels{
    {{"debug", log::Level::debug}, {"info", log::Level::info}, {"warning", log::Level::warning}, {"error", log::Level::error}}};

std::string_view level_in_force() {
  for (const auto& [name, level] : log_levels) {
    if (log::is_enabled(level)) return name;
  }
  return "error";
}

}  // namespace

/// Shows the level, or sets it until the next reload or start.
void log_level(Command command) {
  if (const auto wanted = command.request.text("level")) {
    const auto found = std::ranges::find(log_levels, *wanted, [](const auto& entry) { return entry.first; });
    if (found == log_levels.end()) {
      return command.misuse(fmt::format("there is no level {}", *wanted), "levels: debug info warning error");
    }
    log::set_level(found->second);
  }
  JsonWriter json;
  json.begin_object().field("level", level_in_force()).field("configured", command.services.settings->log_level).end_object();
  command.done(std::move(json).str());
}

}  // namespace xion::control
