#pragma once
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "config/config.h"
#include "config/finding.h"
#include "core/settings.h"

/// What is shared while files are read: where we are, and what was found so far.
namespace xion::config {

struct Origin {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// A named set of a carrier's keys.
struct Profile {
  toml::table keys;
  Origin at;
};

/// Settings in the making, and what the checks that see the whole need to point at a place.
struct Draft {
  Settings settings;
  std::vector<Finding> findings;
  std::map<std::string, SetValue, std::less<>> values;  ///< As `Loaded` has them.
  std::map<std::string, Origin> set_at;                 ///< "daemon.data_dir" → where; for tables that exist once.
  std::vector<Origin> carrier_at;  ///< Of each carrier's name, in the order of `settings.carriers`.
  std::vector<Origin> route_at;
  std::map<std::string, Origin> prices_at;  ///< Of each `[prices.CARRIER]`.
  std::map<std::string, Profile, std::less<>> profiles;
  struct Use {
    std::string carrier;
    Origin at;
  };
  std::vector<Use> carriers_used;  ///< By routes.
  /// Keys and tables that something is wrong with, "route.carriers": that was said where it stands, and nothing is
  /// concluded from what they don't say.
  std::set<std::string, std::less<>> unread;
  /// The hints of keys that there are not: what such a key was meant for is named there, where anything is.
  std::vector<std::string> hints_of_unknown;
  bool has_unread_file = false;  ///< Anything may stand in it.

  /// Whether all of these are as the files have them, with the tables that they are in.
  bool are_read(std::initializer_list<std::string_view> keys) const;
  /// How many findings there are now, for `note_unread`.
  std::size_t mark() const { return findings.size(); }
  /// The key is unread where an error came since then.
  void note_unread(std::size_t since, std::string_view key);
  /// Complains of a key that there is not.
  void unknown(const Origin& at, std::string_view key, std::string hint);
  void error(const Origin& at, std::string message, std::string hint = {});
  void warning(const Origin& at, std::string message, std::string hint = {});
};

/// One file being read.
struct Reading {
  Draft& draft;
  std::string file;              ///< As the user named it.
  std::filesystem::path folder;  ///< Absolute.

  Origin at(const toml::source_region& region) const { return {file, region.begin.line, region.begin.column}; }
  std::string resolve(const std::string& path) const { return (folder / path).lexically_normal().string(); }
};

/// One value in a file.
struct Place {
  const toml::node& node;
  std::string path;  ///< "carrier.window"
  Reading& reading;
  bool is_secret = false;

  Origin at() const { return reading.at(node.source()); }
  /// `path = value: complaint`, the value left out where it is secret.
  void error(std::string_view complaint, std::string hint = {}) const;
  void warning(std::string_view complaint, std::string hint = {}) const;
  /// A member or an element, under the same path.
  Place inside(const toml::node& part, std::string_view key = {}) const;
};

/// The value as the file might have written it, cut to a line's length.
std::string shown(const toml::node& node);
/// Notes where the values of a table stand, under the names that `Loaded::values` has.
void note_values(const toml::table& table, const std::string& path, Reading& reading);
/// Says that a value has the wrong type, with a hint where it only has to be written otherwise.
void wrong_type(const Place& place, std::string_view expected);
/// "did you mean "x"?", or the list of what there is; empty where there is nothing.
std::string did_you_mean(std::string_view typed, const std::vector<std::string_view>& known);
/// "did you mean "x"?"; empty where none is near: for messages that list the words already.
std::string word_meant_by(std::string_view typed, const std::vector<std::string_view>& words);
/// What to write where a text or a number stands for true or false: "yes" → true. Else empty.
std::string truth_meant_by(const toml::node& node);
/// "window belongs in [[carrier]]", of a key that stands in the table `path`; empty where no table that may be meant
/// has a key of that name.
std::string where_it_belongs(std::string_view key, std::string_view path);

/// A secret's file: in $CREDENTIALS_DIRECTORY first, then beside the configuration. The second where neither exists.
std::string secret_file(const Reading& reading, const std::string& name);
/// Text of a whole file; nothing where it can't be read (errno says why).
std::optional<std::string> file_text(const std::string& path);

}  // namespace xion::config
