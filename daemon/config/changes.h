#pragma once
#include <string>
#include <vector>

#include "core/settings.h"

namespace xion {

/// One difference between two configurations, in the words of the file. Passwords are never shown.
struct ConfigChange {
  std::string key;     ///< "carrier.primary.window"; "carrier.backup" for a block that comes or goes.
  std::string before;  ///< As JSON; empty: was not there.
  std::string after;   ///< Empty: is not there any more.
  bool needs_restart = false;
  std::string takes_effect{};  ///< Where it is neither now nor the next start.
};

/// All that differs, in the order of the file. Carriers and plans are told apart by their names, routes by name and
/// match.
std::vector<ConfigChange> config_changes(const Settings& before, const Settings& after);

/// An array of {"key","before","after","takesEffect"}.
std::string changes_json(const std::vector<ConfigChange>& changes);

}  // namespace xion
