#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "config/config.h"
#include "preflight/unit_facts.h"

/// Whether a daemon could start with a configuration, here and now: what the file alone doesn't tell. It looks at the
/// files and folders that are named, the groups, the addresses, the limits, and changes nothing.
namespace xion {

/// Days before its end from which a certificate is warned about.
inline constexpr int certificate_warning_days = 21;

/// On whose behalf it is asked, and when.
struct StartCheck {
  WallTime now{};
  /// Nothing: whoever asks would start it.
  std::optional<UnitFacts> unit{};
  /// An expired certificate is an error for somebody who asks, and a warning for a daemon that starts: one carrier that
  /// can't bind is better than none.
  bool is_start = false;
};

/// What was found, in the order of the file; the errors keep a daemon from starting.
std::vector<Finding> check_start(const Loaded& loaded, const StartCheck& check);

/// Reads a configuration, and where it can be used, checks whether a daemon could start with it: for `xiond --check`,
/// `xionctl config check` and every start and reload.
Loaded load_checked(const std::string& path, bool is_start);

}  // namespace xion
