#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "config/finding.h"
#include "core/settings.h"

namespace xion {

/// Where a value stands, and what it is.
struct SetValue {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string shown;        ///< As a finding shows it.
  std::string text;         ///< Where it is a text.
  std::string read_from{};  ///< The file that a secret was read from.
};

/// What a configuration file says. The settings may only be used where no finding is an error.
struct Loaded {
  Settings settings;
  std::vector<Finding> findings;  ///< All of them, by file and line.
  bool was_read = false;          ///< The file itself is there and is TOML.
  /// "daemon.data_dir", "carrier.NAME.tls.ca" → what the file says. What has its default isn't there.
  std::map<std::string, SetValue, std::less<>> values{};
  std::string path{};  ///< As the user named the file.

  bool is_usable() const;
  bool is_set(std::string_view key) const { return values.contains(key); }
  /// `key = value: complaint` at the value's place; at the file as a whole where it has its default.
  Finding finding_at(std::string_view key, std::string_view complaint, std::string hint, bool is_error) const;
  /// Puts more findings among those that are there.
  void add(std::vector<Finding> more);
};

/// Reads the file and what it includes, and every password file: everything that could be wrong is found now, not
/// later. Relative paths are taken from the folder of the file that names them; passwords and the master key are looked
/// for in $CREDENTIALS_DIRECTORY first (systemd.exec(5)), and come out as absolute paths.
Loaded load_config(const std::string& path);

/// The settings as one JSON object with the keys of the file, passwords left out. The same settings give the same text,
/// so its hash names a configuration.
std::string settings_json(const Settings& settings);
/// The same as members of an object that is open.
void write_settings(JsonWriter& out, const Settings& settings);

struct KnownKey {
  std::string name;              ///< "daemon.data_dir", "plans.NAME.sms_per_month", "carrier.tls.ca"
  bool waits_for_start = false;  ///< A running daemon doesn't take a change over.
  std::string_view name_of_app;  ///< What `xionctl app set` calls an app's own value; empty: an app can't have one.
};
/// Every key there is. The manual and the shipped file are held against it.
std::vector<KnownKey> every_key();

}  // namespace xion
