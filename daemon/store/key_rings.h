#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

/// The rows of `Table::meta` that say what a data file is and which master keys open it.
namespace xion {

/// Raised when an older xiond could not read what a newer one writes. A data file whose master key was never changed is
/// of the first schema still.
inline constexpr std::uint32_t first_schema = 1;
inline constexpr std::uint32_t schema_with_key_ring = 2;
inline constexpr std::uint32_t newest_schema = schema_with_key_ring;

inline constexpr std::string_view schema_key = "schema";
/// Of the master key in use.
inline constexpr std::string_view check_value_key = "check_value";
/// And the check value of the master key that opens it.
inline constexpr std::string_view key_ring_prefix = "key_ring ";
inline std::string key_ring_key(const Digest& check_value) {
  return std::string(key_ring_prefix).append(as_text(check_value));
}

}  // namespace xion
