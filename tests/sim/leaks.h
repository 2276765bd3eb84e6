#pragma once
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/chronicle.h"
#include "sim/ledger.h"

namespace xion::sim {

/// Looks for what must be nowhere: whole phone numbers and codes, in log lines and in stored octets.
class Leaks {
 public:
  Leaks(Chronicle& chronicle, const Ledger& ledger) : chronicle_(chronicle), ledger_(ledger) {}
  /// Searches what is stored at this moment.
  void search_store(const std::string& octets);
  /// Searches everything that was logged, now that all codes are known.
  void search_log(const std::vector<std::string>& lines);

 private:
  struct Wanted {
    std::set<std::string, std::less<>> codes, phones;
    std::set<std::size_t> phone_lengths;
    bool has_phone(std::string_view run) const;
  };
  Wanted wanted() const;
  void search(const Wanted& wanted, std::string_view text, std::string_view where);

  Chronicle& chronicle_;
  const Ledger& ledger_;
};

}  // namespace xion::sim
