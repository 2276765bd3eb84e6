#pragma once
#include <set>
#include <string>
#include <string_view>

#include "sim/chronicle.h"
#include "sim/ledger.h"

namespace xion::sim {

/// Looks for what must be nowhere: whole phone numbers and codes, in log lines and in stored octets.
class Leaks {
 public:
  Leaks(Chronicle& chronicle, const Ledger& ledger) : chronicle_(chronicle), ledger_(ledger) {}
  void keep_log_line(std::string_view line) { (log_ += line) += '\n'; }
  /// Searches what is stored at this moment.
  void search_store(const std::string& octets);
  /// Searches everything that was logged, now that all codes are known.
  void search_log();

 private:
  void search(std::string_view text, std::string_view where);
  Chronicle& chronicle_;
  const Ledger& ledger_;
  std::string log_;
};

}  // namespace xion::sim
