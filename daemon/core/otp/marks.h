#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "core/ids.h"
#include "core/row_id.h"

/// The names of single facts that a store keeps: what it is, which master keys open it, how far something has come.
namespace xion {

/// Raised when an older xiond could not read what a newer one writes: 2 came with the key ring, 3 with the journal and
/// the run index, of which an older one would know nothing. Every data file that is opened is raised to the newest.
inline constexpr std::uint32_t newest_schema = 3;

inline constexpr std::string_view schema_key = "schema";
/// The newest format of each record that anybody ever wrote: a `FormatLine`.
inline constexpr std::string_view formats_key = "formats";
/// Of the master key in use.
inline constexpr std::string_view check_value_key = "check_value";
/// And the check value of the master key that opens it.
inline constexpr std::string_view key_ring_prefix = "key_ring ";
inline std::string key_ring_key(const Digest& check_value) {
  return std::string(key_ring_prefix).append(as_text(check_value));
}

/// And the app's id: when it first verified a code, 8 octets.
inline constexpr std::string_view first_verified_prefix = "first_verified ";
/// Of an app: one of the prefixes that say "and the app's id".
inline std::string mark_of_app(std::string_view prefix, AppId app) {
  return std::string(prefix).append(BigEndian(app).view());
}

/// Since when requests count for their carriers' countries, 8 octets: those made before never do. 0: all do.
inline constexpr std::string_view by_carrier_country_key = "by_carrier_country";

inline constexpr std::string_view next_app_id_key = "next_app_id";
/// And the carrier's name: in which base its receipts write ids.
inline constexpr std::string_view id_base_prefix = "receipt_id ";
/// And the carrier's name: that an operator keeps messages from it.
inline constexpr std::string_view carrier_hold_prefix = "hold ";
/// And the node's name: that an operator wants it to hold nothing.
inline constexpr std::string_view node_drain_prefix = "drain ";
/// And the app's id: the highest threshold of which month's volume was told.
inline constexpr std::string_view threshold_prefix = "threshold ";
/// And the app's id: what its owner was warned of that is not over.
inline constexpr std::string_view alerts_prefix = "alerts ";
/// And the key's id: when it was last used, 8 octets.
inline constexpr std::string_view key_used_prefix = "key_used ";
/// When the last backup was made: milliseconds since 1970, in digits.
inline constexpr std::string_view last_backup_key = "last_backup";
/// The store is a copy of another one, whole or not yet, and nobody has used it since.
inline constexpr std::string_view import_mark_key = "import";
inline constexpr std::string_view import_begun = "begun", import_done = "done";
/// How far the log was looked through for receipts that are overdue: an OtpId.
inline constexpr std::string_view overdue_mark_key = "overdue_mark";
/// How far the log was gone through to seal phones anew: an OtpId.
inline constexpr std::string_view reseal_mark_key = "reseal_mark";

}  // namespace xion
