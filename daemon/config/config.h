#pragma once
#include <string>
#include <vector>

#include "config/finding.h"
#include "core/settings.h"

namespace xion {

/// What a configuration file says. The settings may only be used where no finding is an error.
struct Loaded {
  Settings settings;
  std::vector<Finding> findings;  ///< All of them, by file and line.
  bool was_read = false;          ///< The file itself is there and is TOML.
  bool is_usable() const;
};

/// Reads the file and what it includes, and every password file: everything that could be wrong is found now, not
/// later. Relative paths are taken from the folder of the file that names them; passwords and the master key are looked
/// for in $CREDENTIALS_DIRECTORY first (systemd.exec(5)), and come out as absolute paths.
Loaded load_config(const std::string& path);

/// The settings as one JSON object with the keys of the file, passwords left out. The same settings give the same text,
/// so its hash names a configuration.
std::string settings_json(const Settings& settings);

/// "daemon.data_dir", "plans.NAME.sms_per_month", "carrier.tls.ca": every key there is. The manual and the shipped file
/// are held against it.
std::vector<std::string> every_key();

}  // namespace xion
