#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "store/kv.h"
#include "store/runs/run_entry.h"
#include "store/runs/run_filter.h"
#include "store/runs/run_reader.h"

namespace xion {

/// A run of the index: entries in their order, written once, by the row. Its row in `Table::index_runs` is written last
/// and makes it one.
struct IndexRun {
  std::uint32_t number = 0;
  std::uint8_t level = 0;
  std::uint64_t entries = 0;
  WallTime newest{};   ///< The moment of its newest entry …
  WallTime over_at{};  ///< … and when nobody asks for any of them any more.
  RunFilter filter;

  std::string row() const;
  static std::optional<IndexRun> of_row(std::uint32_t number, std::string_view row);
};

/// The key of a run's row whose first entry is this one.
std::string index_run_key(std::uint32_t run, const RunEntry& first);

/// Writes a run. Entries come in their order, some in each transaction.
class IndexRunWriter {
 public:
  IndexRunWriter(Kv& kv, std::uint32_t number, std::uint8_t level, const std::size_t& filter_room)
      : kv_(kv), filter_room_(filter_room) {
    run_.number = number;
    run_.level = level;
  }
  void add(const RunEntry& entry);
  /// Writes what is left, and the row that makes it a run.
  IndexRun finish();
  std::uint32_t number() const { return run_.number; }

 private:
  void write_row();
  void write_group();

  Kv& kv_;
  const std::size_t& filter_room_;  ///< Octets of filters that may be in memory still.
  IndexRun run_;
  std::string row_;
  std::string group_;  ///< Blocks of the filter.
  std::uint64_t group_first_ = 0;
  std::size_t group_entries_ = 0;
  std::uint32_t groups_ = 0;
};

using IndexRunReader = RunRowsReader<Table::index_entries, RunEntry, run_entry_at, run_entries_in>;

/// Makes one run of several, some entries at a time, in one transaction or in many. What is over stays behind, sums of
/// the same are added up.
class IndexRunMerge {
 public:
  IndexRunMerge(Kv& kv, IndexRunWriter writer, std::vector<std::uint32_t> inputs);
  /// True: all is written but the end.
  bool step(std::size_t entries, WallTime now);
  IndexRun finish();
  std::uint32_t output() const { return writer_.number(); }
  const std::vector<std::uint32_t>& inputs() const { return inputs_; }

 private:
  void take(const RunEntry& entry, WallTime now);

  std::vector<std::uint32_t> inputs_;
  std::vector<IndexRunReader> readers_;
  std::vector<std::size_t> order_;  ///< A heap of those readers that have an entry left.
  IndexRunWriter writer_;
  std::optional<RunEntry> last_;  ///< Taken, not written yet: the next one may add to it.
};

}  // namespace xion
