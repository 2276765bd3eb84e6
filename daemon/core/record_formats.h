#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

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

extern const RecordFormat otp_format, app_format, api_key_format, list_entry_format, pass_format, template_format,
    webhook_format, delivery_format, webhook_health_format, day_format, receipt_format, counters_format, answer_format,
    note_format, guesses_format, stat_sums_format, carrier_hold_format, node_drain_format, audit_event_format,
    alerts_format;

/// All of them, in an order that stays: new ones come last.
std::span<const RecordFormat* const> record_formats();

/// One format of each record, an octet each in the order of `record_formats`. A release that has fewer records says
/// nothing of the last ones; one that has more says more than this one looks at.
using FormatLine = std::string;
FormatLine formats_read();
FormatLine formats_written();
/// Of each the newer.
FormatLine newest_of(FormatLine a, std::string_view b);
/// What of `written` somebody who reads up to `read` takes for nothing: one line, such as "otp records of format 2, of
/// which it reads 1". Empty: nothing.
std::string out_of_reach(std::string_view written, std::string_view read);

}  // namespace xion
