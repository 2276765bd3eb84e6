#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/time.h"

namespace xion {

/// What entries of the run index say. The numbers are on disk.
enum class RunKind : std::uint8_t { answer = 1, submission = 2, ended = 3, event = 4, traffic = 5, busy = 6 };

/// How long an entry may be asked for, from its moment on. Past it nobody finds it, and it goes with its run.
constexpr std::chrono::hours window_of(RunKind kind) {
  switch (kind) {
    case RunKind::answer: return std::chrono::hours{24};
    // From the making of the request: the longest validity (an hour) and 48 h for the receipt.
    case RunKind::submission: return std::chrono::hours{49};
    // From the making of the request, too: it lives an hour at most, and is remembered for one after its end.
    case RunKind::ended: return std::chrono::hours{3};
    case RunKind::event: return std::chrono::hours{24};
    // Yesterday is closed when it is over, which may be noticed late.
    case RunKind::traffic: return std::chrono::hours{49};
    case RunKind::busy: return std::chrono::hours{49};
  }
  return std::chrono::hours{0};
}

/// One thing to be found under a name, which is as good as random: a keyed hash. A name may have many entries.
///
/// The same entry twice is the same as once, so that noting it again does no harm; except for `traffic`, whose values
/// are two sums, and where two entries of one name and moment are one with the sums of both.
struct RunEntry {
  std::uint64_t name = 0;
  std::uint64_t when = 0;           ///< 4 bits of kind, 44 bits of milliseconds since 1970.
  mutable std::uint64_t value = 0;  ///< Of `traffic` it changes in place: no other entry has its name and moment.

  static constexpr std::size_t octets = 8 + 6 + 8;
  static constexpr unsigned time_bits = 44;

  static std::uint64_t moment(RunKind kind, WallTime at) {
    constexpr std::int64_t last = (std::int64_t{1} << time_bits) - 1;
    const auto millis = static_cast<std::uint64_t>(std::clamp<std::int64_t>(unix_millis(at), 0, last));
    return static_cast<std::uint64_t>(kind) << time_bits | millis;
  }
  static RunEntry of(std::uint64_t name, RunKind kind, WallTime at, std::uint64_t value) {
    return {name, moment(kind, at), value};
  }
  RunKind kind() const { return static_cast<RunKind>(when >> time_bits); }
  WallTime at() const { return wall_time(static_cast<std::int64_t>(when & ((std::uint64_t{1} << time_bits) - 1))); }
  WallTime over_at() const { return at() + window_of(kind()); }
  /// Another entry of a sum: one with both takes its place.
  bool adds_to(const RunEntry& other) const {
    return name == other.name && when == other.when && kind() == RunKind::traffic;
  }
  auto operator<=>(const RunEntry&) const = default;
  /// Names nearly always tell: what searches and sorts do most.
  bool operator<(const RunEntry& other) const {
    if (name != other.name) return name < other.name;
    return when != other.when ? when < other.when : value < other.value;
  }
};

/// The two sums of an entry of traffic, each of which may be negative in a part of what is summed up.
struct RunSums {
  std::int32_t first = 0, second = 0;
  static RunSums of(std::uint64_t value) {
    return {static_cast<std::int32_t>(value >> 32), static_cast<std::int32_t>(value & 0xFFFFFFFF)};
  }
  std::uint64_t value() const {
    return static_cast<std::uint64_t>(static_cast<std::uint32_t>(first)) << 32 | static_cast<std::uint32_t>(second);
  }
};
inline std::uint64_t sum_of(std::uint64_t a, std::uint64_t b) {
  const RunSums left = RunSums::of(a), right = RunSums::of(b);
  return RunSums{left.first + right.first, left.second + right.second}.value();
}

/// As octets, which sort as entries do.
inline void append_run_entry(std::string& out, const RunEntry& entry) {
  std::array<char, RunEntry::octets> packed;
  const std::uint64_t name = std::byteswap(entry.name), when = std::byteswap(entry.when << 16),
                      value = std::byteswap(entry.value);
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(packed.data(), &name, 8);
  std::memcpy(packed.data() + 8, &when, 6);
  std::memcpy(packed.data() + 14, &value, 8);
  out.append(packed.data(), packed.size());
}
inline RunEntry run_entry_at(std::string_view row, std::size_t n) {
  const char* const at = row.data() + n * RunEntry::octets;
  std::uint64_t name = 0, when = 0, value = 0;
  std::memcpy(&name, at, 8);
  std::memcpy(&when, at + 8, 6);
  std::memcpy(&value, at + 14, 8);
  return {std::byteswap(name), std::byteswap(when) >> 16, std::byteswap(value)};
}
inline std::size_t run_entries_in(std::string_view row) { return row.size() / RunEntry::octets; }
/// Six rows of it and their keys fill a page of LMDB. It leaves all but the last in a page that becomes two, where rows
/// come in their order: of six it keeps five, of two one.
inline constexpr std::size_t run_entries_in_row = 28;

/// Tests make them small.
struct RunSizes {
  std::size_t near_entries = 262'144;  ///< In memory, before they are sealed: 24 octets each, and as many again.
  std::size_t step_entries = 512;      ///< After so many new entries …
  std::size_t seal_entries = 4'096;    ///< … so many are written, while a run is sealed …
  std::size_t merge_entries = 6'144;   ///< … and else so many merged. Each is, with fifty million, four or five times.
  std::size_t erased_rows = 480;       ///< Of runs that were merged, with each step.
  std::size_t fan_in = 4;              ///< Runs that become one.
  std::size_t filter_octets = std::size_t{64} << 20;  ///< Of filters in memory; others are read from the disk.
};

}  // namespace xion
