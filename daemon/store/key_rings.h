#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

/// The rows of `Table::meta` that say what a data file is and which master keys open it.
namespace xion {

/// Raised when an older xiond could not read what a newer one writes: 2 came with the key ring, 3 with the run index, of
/// which an older one would know nothing. Every data file that is opened is raised to the newest.
inline constexpr std::uint32_t newest_schema = 3;

inline constexpr std::string_view schema_key = "schema";
/// Of the master key in use.
inline constexpr std::string_view check_value_key = "check_value";
/// And the check value of the master key that opens it.
inline constexpr std::string_view key_ring_prefix = "key_ring ";
inline std::string key_ring_key(const Digest& check_value) {
  return std::string(key_ring_prefix).append(as_text(check_value));
}

}  // namespace xion
