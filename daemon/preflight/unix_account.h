#pragma once
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "preflight/unit_facts.h"

namespace xion {

/// Whom a daemon runs as, and what the kernel lets that user do with files. Source: path_resolution(7). Access control
/// lists are not looked at.
struct Account {
  std::string name;  ///< Empty: whoever asks.
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  bool is_self = true;  ///< The kernel is asked then, with all that it knows.

  bool is_root() const { return uid == 0; }
  std::string name_or(std::string_view otherwise) const { return name.empty() ? std::string(otherwise) : name; }
  /// A file that isn't there can't be read by anybody, and is somebody else's matter: true.
  bool may_read(const std::string& path) const { return may(path, 04); }
  bool may_write(const std::string& path) const { return may(path, 03); }

 private:
  /// `bits` as in a mode's last digit.
  bool may(const std::string& path, unsigned bits) const;
};

/// The unit's user; whoever asks, where no unit names one that exists.
Account account_of(const std::optional<UnitFacts>& unit);

}  // namespace xion
