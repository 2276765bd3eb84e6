#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "base/time.h"

namespace xion {

/// Integers as keys: most significant octet first, so that they sort as numbers do.
template <typename Integer>
struct BigEndian {
  std::array<char, sizeof(Integer)> octets{};
  explicit BigEndian(Integer value) {
    for (std::size_t i = sizeof(Integer); i-- > 0; value = static_cast<Integer>(value >> 8))
      octets[i] = static_cast<char>(value & 0xFF);
  }
  std::string_view view() const { return {octets.data(), octets.size()}; }
};
template <typename Integer>
Integer from_big_endian(std::string_view octets) {
  Integer value = 0;
  for (const char octet : octets) value = static_cast<Integer>((value << 8) | static_cast<std::uint8_t>(octet));
  return value;
}

/// One of the gateways that share a store; the only one where nothing is shared.
using NodeId = std::uint8_t;
inline constexpr NodeId only_node = 0;

/// Names a row that comes with time: 48 bits of milliseconds since 1970, 6 bits of the node that made it, 10 bits that
/// count within one millisecond. (Before there were nodes all 16 bits counted: such rows only tell their time.)
using RowId = std::uint64_t;
inline constexpr unsigned row_node_bits = 6;
inline constexpr unsigned row_count_bits = 10;
inline constexpr RowId row_count_max = (RowId{1} << row_count_bits) - 1;
inline RowId first_row_at(WallTime at) { return static_cast<RowId>(unix_millis(at)) << 16; }
inline WallTime made_at(RowId row) { return wall_time(static_cast<std::int64_t>(row >> 16)); }
inline NodeId node_of(RowId row) {
  return static_cast<NodeId>(row >> row_count_bits & ((RowId{1} << row_node_bits) - 1));
}
/// The least row id of a node that is after `last` and made at `at` or later.
inline RowId next_row_id(RowId last, WallTime at, NodeId node) {
  const RowId of_node = RowId{node} << row_count_bits;
  const RowId wanted = first_row_at(at) | of_node;
  if (wanted > last) return wanted;
  const RowId within = (last >> 16 << 16 | of_node | (last & row_count_max)) + 1;
  const bool is_counted_out = (last & row_count_max) == row_count_max;
  if (node_of(last) == node && !is_counted_out) return within;
  return ((last >> 16) + 1) << 16 | of_node;
}

}  // namespace xion
