#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/kv.h"
#include "store/runs/near_entries.h"
#include "store/runs/run_entry.h"
#include "store/runs/run_merge.h"

namespace xion {

/// Whether a row of one of its tables reads as what that holds.
bool is_readable_index_row(Table table, std::string_view key, std::string_view row);

/// What is looked up by something random for hours or days: answers by their key, messages by the carrier's id, events
/// of a phone. Nothing of it is forgotten before its window is over, however much comes, and what it takes in memory is
/// bounded.
///
/// What came lately is in memory (near). Each transaction also appends what it added to a table in order of time (the
/// log), so that a start reads those rows and nothing else. When so much is near that it should not stay there, it is
/// written in its order: a run, in pieces; then its part of the log goes. So many runs of a level are merged into one
/// of the next, a few entries with each transaction, and what is over stays behind; a run whose entries are all over
/// goes whole. A filter of each run tells that a name is not in it. Nothing is ever changed in its place.
class RunIndex {
 public:
  explicit RunIndex(Kv& kv, RunSizes sizes = {}) : kv_(kv), sizes_(sizes) {}
  RunIndex(const RunIndex&) = delete;
  RunIndex& operator=(const RunIndex&) = delete;

  /// Forgets everything and reads what is on disk. In a transaction, which may only read.
  void load();
  void clear();
  /// Before anything else in a transaction.
  void begin(WallTime now);
  /// Where the same entry is known already, nothing changes; sums are added up.
  void add(const RunEntry& entry);
  /// At the end of a transaction: keeps what was added, seals and merges what is due.
  void flush();
  /// Does all that was put off.
  void settle();
  /// Erases some of all that is on disk. True: nothing is left.
  bool erase_some();

  /// Appends the newest `limit` entries of a name not before `since`, newest first. Of sums there may be several parts.
  void collect(std::uint64_t name, RunKind kind, WallTime since, std::size_t limit, std::vector<RunEntry>& found) const;

  struct Size {
    std::size_t near_entries = 0;
    std::size_t runs = 0;
    std::uint64_t run_entries = 0;
    std::size_t filter_octets = 0;
  };
  Size size() const;

 private:
  void collect(const IndexRun& run, const RunEntry& first, const RunEntry& last, std::size_t limit,
               std::vector<RunEntry>& found) const;
  void load_filters();
  void load_log();
  void find_garbage();
  void write_log();
  /// Work that was put off, a piece of it. False: there is none.
  bool step();
  void freeze();
  void seal_some();
  bool begin_merge();
  void merge_some();
  void drop_runs_that_are_over();
  void add_run(IndexRun run);
  void drop_run(std::uint32_t number);
  bool erase_some_rows(Table table, std::string_view prefix);
  bool erase_some_of_log();
  bool erase_some_of_runs();
  bool load_some_filter();
  std::uint32_t fresh_number();
  void measure_filters();

  Kv& kv_;
  const RunSizes sizes_;
  WallTime now_{};
  NearEntries near_;
  NearEntries frozen_;  ///< What is being sealed, found as long as its run is not whole.
  std::optional<IndexRunWriter> sealing_;
  std::optional<RunEntry> sealed_until_;  ///< The last one written.
  std::uint64_t frozen_log_ = 0;          ///< Up to which number the log is frozen or sealed.
  std::vector<RunEntry> added_;           ///< By this transaction.
  std::vector<IndexRun> runs_;
  std::unique_ptr<IndexRunMerge> merge_;  ///< Lost with the process, and begun anew.
  std::deque<std::uint32_t> garbage_;     ///< Numbers of runs whose rows are to go.
  std::uint64_t last_log_ = 0;            ///< Number of the newest row of the log.
  std::uint64_t sealed_log_ = 0;          ///< Rows up to it are to go.
  bool has_sealed_log_ = false;
  std::uint32_t last_number_ = 0;
  std::size_t since_step_ = 0;  ///< Entries.
  std::size_t log_rows_since_step_ = 0;
  std::size_t filter_room_ = 0;
};

}  // namespace xion
