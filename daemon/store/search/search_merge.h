#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/kv.h"
#include "store/runs/run_reader.h"
#include "store/search/search_entry.h"

namespace xion {

/// The first octets of the keys of a run's rows of one kind.
std::string run_prefix(std::uint32_t run, SearchKind kind);
/// An entry as octets: they sort as entries do.
void append_entry(std::string& out, const SearchEntry& entry);
SearchEntry entry_at(std::string_view row, std::size_t n);
std::size_t entries_in(std::string_view row);

/// Writes a run's rows of one kind. Entries come in their order.
class RunWriter {
 public:
  RunWriter(Kv& kv, std::uint32_t run, SearchKind kind) : kv_(kv), prefix_(run_prefix(run, kind)) {}
  void add(const SearchEntry& entry);
  void finish();

 private:
  Kv& kv_;
  std::string prefix_;
  std::string row_;
};

using RunReader = RunRowsReader<Table::search_entries, SearchEntry, entry_at, entries_in>;

/// Makes one run of several, some entries at a time, in one transaction or in many.
class RunMerge {
 public:
  RunMerge(Kv& kv, std::uint32_t output, std::vector<std::uint32_t> inputs);
  /// True: all is written.
  bool step(std::size_t entries);
  std::uint32_t output() const { return output_; }
  const std::vector<std::uint32_t>& inputs() const { return inputs_; }

 private:
  void begin(SearchKind kind);

  Kv& kv_;
  std::uint32_t output_;
  std::vector<std::uint32_t> inputs_;
  SearchKind kind_ = SearchKind::phone;
  std::vector<RunReader> readers_;
  std::vector<std::size_t> order_;  ///< A heap of those readers that have an entry left.
  std::optional<RunWriter> writer_;
};

}  // namespace xion
