#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "core/ids.h"

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

/// The key of a request's row, read back.
inline OtpId otp_id_of(std::string_view key) {
  OtpId id;
  std::ranges::copy(as_octets(key.substr(0, OtpId::size)), id.octets.begin());
  return id;
}

/// Names a row that comes with time: 48 bits of milliseconds since 1970, 16 bits that count within one.
using RowId = std::uint64_t;
inline RowId first_row_at(WallTime at) { return static_cast<RowId>(unix_millis(at)) << 16; }
inline WallTime made_at(RowId row) { return wall_time(static_cast<std::int64_t>(row >> 16)); }

}  // namespace xion
