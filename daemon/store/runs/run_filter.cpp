#include "store/runs/run_filter.h"

#include <algorithm>

#include "store/otp_key.h"

namespace xion {
namespace {

constexpr unsigned bits_of_name = 6;
constexpr std::uint64_t bit_spread = 0x9E3779B97F4A7C15;

/// Names sort by their high bits, so that all of a group have those in common: the block is chosen by the low ones.
std::size_t block_of(std::uint64_t name) {
  return static_cast<std::size_t>((name & 0xFFFFFFFF) * RunFilter::blocks_in_group >> 32) * RunFilter::block_octets;
}

}  // namespace

std::string RunFilter::key(std::uint32_t run, std::uint32_t group) {
  std::string key(BigEndian<std::uint32_t>(run).view());
  return key += BigEndian<std::uint32_t>(group).view();
}

void RunFilter::set(std::string& blocks, std::uint64_t name) {
  char* const block = blocks.data() + block_of(name);
  std::uint64_t bits = name * bit_spread >> 10;
  for (unsigned i = 0; i < bits_of_name; ++i, bits >>= 9)
    block[bits >> 3 & 63] = static_cast<char>(block[bits >> 3 & 63] | 1 << (bits & 7));
}

bool RunFilter::has(std::string_view blocks, std::uint64_t name) {
  const char* const block = blocks.data() + block_of(name);
  std::uint64_t bits = name * bit_spread >> 10;
  for (unsigned i = 0; i < bits_of_name; ++i, bits >>= 9)
    if ((block[bits >> 3 & 63] >> (bits & 7) & 1) == 0) return false;
  return true;
}

void RunFilter::add_group(std::uint64_t first, std::string_view blocks) {
  // Groups in memory are the first ones: behind one that is not there is none.
  if (!blocks.empty() && loaded_ == firsts_.size()) load_group(blocks);
  firsts_.push_back(first);
}

std::optional<std::uint32_t> RunFilter::missing_group() const {
  return loaded_ < firsts_.size() ? std::optional(static_cast<std::uint32_t>(loaded_)) : std::nullopt;
}

void RunFilter::load_group(std::string_view blocks) {
  if (loaded_ % groups_in_part == 0) parts_.emplace_back().reserve(groups_in_part * group_octets);
  parts_.back() += blocks;
  ++loaded_;
}

bool RunFilter::may_have(Kv& kv, std::uint32_t run, std::uint64_t name) const {
  // Of a name that goes on over several groups the last one has some.
  const auto after = std::ranges::upper_bound(firsts_, name);
  if (after == firsts_.begin()) return false;
  const auto group = static_cast<std::size_t>(after - firsts_.begin()) - 1;
  if (group < loaded_) {
    const std::string_view part = parts_[group / groups_in_part];
    return has(part.substr(group % groups_in_part * group_octets, group_octets), name);
  }
  const auto row = kv.get(Table::index_filters, key(run, static_cast<std::uint32_t>(group)));
  // A filter that can't be read says nothing.
  return !row || !is_readable(*row) || has(row->substr(sizeof(std::uint64_t)), name);
}

}  // namespace xion
