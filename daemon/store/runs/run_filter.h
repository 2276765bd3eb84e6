#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/kv.h"
#include "store/runs/run_entry.h"

namespace xion {

/// Says of nearly every name that a run does not have that it does not have it, so that looking for what is nowhere, as
/// most looks are, reads nothing of the run. A Bloom filter in blocks of a cache line, cut into groups as the run's
/// names follow each other: so it is written as the run is, and one too long for the memory is read by the row.
/// Source: Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007.
class RunFilter {
 public:
  static constexpr std::size_t entries_in_group = 1'376;  ///< Of whichever rows; the last group has fewer.
  static constexpr std::size_t block_octets = 64;
  static constexpr std::size_t blocks_in_group = 27;  ///< Ten bits an entry: one look of seventy is in vain.
  static constexpr std::size_t group_octets = blocks_in_group * block_octets;

  static std::string key(std::uint32_t run, std::uint32_t group);
  static bool is_readable(std::string_view row) { return row.size() == sizeof(std::uint64_t) + group_octets; }

  /// Takes the next group, whose names begin with `first`. Empty `blocks`: they stay on disk.
  void add_group(std::uint64_t first, std::string_view blocks);
  /// The next group that is not in memory.
  std::optional<std::uint32_t> missing_group() const;
  void load_group(std::string_view blocks);

  /// False: the run has no such name.
  bool may_have(Kv& kv, std::uint32_t run, std::uint64_t name) const;
  std::size_t octets() const { return loaded_ * group_octets; }

  static void set(std::string& blocks, std::uint64_t name);
  static bool has(std::string_view blocks, std::uint64_t name);

 private:
  static constexpr std::size_t groups_in_part = 64;
  std::vector<std::uint64_t> firsts_;  ///< Of each group.
  /// Blocks of the first groups, as many as are in memory. In parts: one string would have as much again in reserve,
  /// and be there twice while it grows.
  std::vector<std::string> parts_;
  std::size_t loaded_ = 0;  ///< Groups in memory.
};

}  // namespace xion
