#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

/// The names of single facts that a store keeps: what it is, which master keys open it, how far something has come.
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

inline constexpr std::string_view next_app_id_key = "next_app_id";
/// And the carrier's name: in which base its receipts write ids.
inline constexpr std::string_view id_base_prefix = "receipt_id ";
/// How far the log was looked through for receipts that are overdue: an OtpId.
inline constexpr std::string_view overdue_mark_key = "overdue_mark";
/// How far the log was gone through to seal phones anew: an OtpId.
inline constexpr std::string_view reseal_mark_key = "reseal_mark";

}  // namespace xion
