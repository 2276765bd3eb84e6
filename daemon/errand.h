#pragma once
#include <string>

#include "core/settings.h"

namespace xion {

/// What xiond does with a store and then ends, instead of serving: at most one of them.
struct Errand {
  std::string import_from;  ///< A data directory; empty: not asked for.
  std::string export_to;
  bool forgets_live = false;
  bool is_json = false;  ///< How the outcome is told.
  bool is_wanted() const { return !import_from.empty() || !export_to.empty() || forgets_live; }
};

/// Progress goes to stderr where somebody looks, the outcome to stdout. Empty: it was done; else why not, in one line.
std::string run_errand(const Errand& errand, const Settings& settings);

}  // namespace xion
