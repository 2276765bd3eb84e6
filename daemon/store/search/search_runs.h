#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "store/kv.h"
#include "store/search/search_entry.h"
#include "store/search/search_merge.h"

namespace xion {

/// Which requests have a phone or a reference, of those that have left the tail. Each segment leaves a run: its entries
/// in their order, some hundred in a row, written once and in key order, as the disk likes it. So many runs of a level
/// become one of the next, a few entries with each commit; so a search asks a handful of runs, however long the log is.
class SearchRuns {
 public:
  SearchRuns(Kv& kv, const SearchSizes& sizes) : kv_(kv), sizes_(sizes) {}

  static bool is_readable(std::string_view row) { return run_from_row(0, row).has_value(); }
  void load();
  struct Entries {
    OtpId oldest, newest;
    std::array<std::vector<SearchEntry>, search_kinds> of;
  };
  void add(std::uint32_t number, Entries entries);
  void collect(SearchKind kind, std::uint32_t hash, std::optional<OtpId> before, const OtpId& oldest, NewestIds& found);
  /// Work that was put off: some entries are merged, some rows of runs that were are erased. False: there is none.
  bool step();
  /// Forgets runs that hold nothing as new as `oldest`.
  void forget_before(const OtpId& oldest);
  std::optional<OtpId> newest() const;
  std::uint32_t last_number();
  std::size_t size() const { return runs_.size(); }

 private:
  struct Run {
    std::uint32_t number = 0;
    std::uint8_t level = 0;
    OtpId oldest, newest;
  };
  static std::optional<Run> run_from_row(std::uint32_t number, std::string_view row);
  void put(const Run& run);
  void erase(std::uint32_t number);
  void find_garbage();
  void begin_merge();
  void end_merge();
  bool erase_some();

  Kv& kv_;
  const SearchSizes& sizes_;
  std::vector<Run> runs_;              ///< Newest last.
  std::unique_ptr<RunMerge> merge_;    ///< Lost with the process, and begun anew.
  std::deque<std::uint32_t> garbage_;  ///< Numbers of runs whose rows are to go.
};

}  // namespace xion
