#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

/// The formats of records. Gateways of two releases may share a store while it is upgraded, and a data file may go back
/// to the release before: so a format is read one release before it is written. To raise one: its reader and `reads`
/// now, `read_before` with the next release.
namespace xion {

struct RecordFormat {
  const char* record;
  std::uint8_t reads;        ///< The newest that this release reads; the first is 1.
  std::uint8_t read_before;  ///< And that the release before read.
  /// What is written: no newer than what everybody reads who may come to read it.
  constexpr std::uint8_t writes() const { return std::min(reads, read_before); }
  constexpr bool can_read(std::uint8_t format) const { return format >= 1 && format <= reads; }
};

inline constexpr RecordFormat otp_format{"otp", 1, 1};
inline constexpr RecordFormat app_format{"app", 1, 1};
inline constexpr RecordFormat api_key_format{"api key", 4, 1};
inline constexpr RecordFormat list_entry_format{"list entry", 1, 1};
inline constexpr RecordFormat pass_format{"dashboard pass", 1, 1};
inline constexpr RecordFormat template_format{"template", 1, 1};
inline constexpr RecordFormat webhook_format{"webhook", 2, 2};    // No release has written 1.
inline constexpr RecordFormat delivery_format{"delivery", 2, 2};  // Nor of these.
inline constexpr RecordFormat webhook_health_format{"webhook health", 1, 1};
inline constexpr RecordFormat day_format{"verified requests of a day", 1, 1};
inline constexpr RecordFormat receipt_format{"receipt", 2, 2};  // No release has written 1.
inline constexpr RecordFormat counters_format{"counters", 1, 1};
inline constexpr RecordFormat answer_format{"answer", 1, 1};
inline constexpr RecordFormat note_format{"note", 1, 1};
inline constexpr RecordFormat guesses_format{"wrong codes in a row", 1, 1};
inline constexpr RecordFormat stat_sums_format{"sums", 1, 1};
inline constexpr RecordFormat carrier_hold_format{"carrier hold", 1, 1};
inline constexpr RecordFormat node_drain_format{"drain of a node", 1, 1};
inline constexpr RecordFormat audit_event_format{"audit event", 1, 1};
inline constexpr RecordFormat alerts_format{"alerts of an app", 1, 1};

}  // namespace xion
