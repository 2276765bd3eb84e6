#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "ports/rows.h"

/// Whether a node may join those that it finds on a database.
namespace xion {

/// Empty: the clock is right enough. `ahead`: this machine's, of the database's.
std::string why_clock_keeps_out(Millis ahead);

/// Records of a format that a living node does not read would be nothing to it: who writes such a one does not join.
/// Beats of the dead are there, too, until somebody ends their lives: one that does not change for a lease is no
/// node's.
class ReleaseGate {
 public:
  ReleaseGate(std::string name, Millis lease) : name_(std::move(name)), lease_(lease) {}

  struct Verdict {
    bool may_join = true;
    std::string why_not{};  ///< Empty: it is to be looked at again.
  };
  Verdict look(const std::vector<StoredRow>& beats, std::string_view written, MonoTime now);

 private:
  struct Beat {
    RowStamp stamp = 0;
    MonoTime since{};
    bool has_changed = false;
  };
  const std::string name_;
  const Millis lease_;
  std::map<std::string, Beat> beats_;
};

}  // namespace xion
