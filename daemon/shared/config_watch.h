#pragma once
#include <map>
#include <string>

#include "base/time.h"

namespace xion {

/// Tells, once for each change, whose configuration has been another than this node's for a while: a reload reaches one
/// node after the other, and what stays different was forgotten.
class ConfigWatch {
 public:
  /// Hashes of the others' by their names.
  void look(const std::string& own, const std::map<std::string, std::string>& others, MonoTime now);

 private:
  std::map<std::string, std::string> different_;
  MonoTime since_{};
  bool is_told_ = false;          ///< Of those.
  bool is_anybody_told_ = false;  ///< Of some, and not yet that it is over.
};

}  // namespace xion
