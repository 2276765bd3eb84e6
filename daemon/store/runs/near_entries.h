#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <absl/functional/function_ref.h>

#include "store/runs/run_entry.h"

namespace xion {

/// Entries in memory, in their order. Names are as good as random, so a part of them by their first bits holds a few,
/// one behind the other: what is looked for is found in a few lines of the processor's cache, however many there are,
/// and what is new of a name that has thousands is put behind them. Most that is looked for is not here, which two bits
/// tell.
class NearEntries {
 public:
  NearEntries() : parts_(part_count), names_(name_words) {}

  /// False: it was there. Sums are added up, and were not.
  bool insert(const RunEntry& entry);
  /// Appends at most `limit` entries of a name from `first` on and before `last`, the newest first.
  void collect(const RunEntry& first, const RunEntry& last, std::size_t limit, std::vector<RunEntry>& found) const;
  /// Those after `after`, or all, in their order, until `visit` says false. True: it said so for none.
  bool each_after(const std::optional<RunEntry>& after, absl::FunctionRef<bool(const RunEntry&)> visit) const;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear();

 private:
  static constexpr unsigned part_bits = 15;
  static constexpr std::size_t part_count = std::size_t{1} << part_bits;
  static std::size_t part_of(const RunEntry& entry) { return entry.name >> (64 - part_bits); }

  /// A filter of names: with the quarter of a million entries of RunSizes one look in twenty is in vain.
  static constexpr unsigned name_bits = 21;
  static constexpr std::size_t name_words = (std::size_t{1} << name_bits) / 64;
  static std::size_t first_bit(std::uint64_t name) { return name & ((std::size_t{1} << name_bits) - 1); }
  static std::size_t second_bit(std::uint64_t name) { return first_bit(name >> name_bits); }
  bool has_bit(std::size_t bit) const { return (names_[bit / 64] >> bit % 64 & 1) != 0; }
  bool may_have(std::uint64_t name) const { return has_bit(first_bit(name)) && has_bit(second_bit(name)); }

  std::vector<std::vector<RunEntry>> parts_;
  std::vector<std::uint64_t> names_;
  std::size_t size_ = 0;
};

}  // namespace xion
