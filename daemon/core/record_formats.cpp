#include "core/record_formats.h"

#include <array>

#include <fmt/format.h>

// Where this is 1 or 2 the program is, as far as its records tell, a later release than this one: tests upgrade to it
// (tests/functional/CMakeLists.txt).
#ifndef XION_RELEASES_LATER
#define XION_RELEASES_LATER 0
#endif

namespace xion {
namespace {

/// The next release reads a format more of those whose octets it can tell by nothing else, and the one after writes it.
constexpr RecordFormat raised(RecordFormat format) {
  if (XION_RELEASES_LATER >= 1) ++format.reads;
  if (XION_RELEASES_LATER >= 2) ++format.read_before;
  return format;
}

}  // namespace

const RecordFormat otp_format = raised({"otp", 1, 1});
const RecordFormat app_format = raised({"app", 1, 1});
const RecordFormat api_key_format{"api key", 4, 1};
const RecordFormat list_entry_format = raised({"list entry", 1, 1});
const RecordFormat pass_format{"dashboard pass", 1, 1};
const RecordFormat template_format = raised({"template", 1, 1});
const RecordFormat webhook_format{"webhook", 2, 2};    // No release has written 1.
const RecordFormat delivery_format{"delivery", 2, 2};  // Nor of these.
const RecordFormat webhook_health_format{"webhook health", 1, 1};
const RecordFormat day_format{"verified requests of a day", 1, 1};
const RecordFormat receipt_format{"receipt", 2, 2};  // No release has written 1.
const RecordFormat counters_format = raised({"counters", 1, 1});
const RecordFormat answer_format = raised({"answer", 1, 1});
const RecordFormat note_format{"note", 1, 1};
const RecordFormat guesses_format{"wrong codes in a row", 1, 1};
const RecordFormat stat_sums_format = raised({"sums", 1, 1});
const RecordFormat carrier_hold_format{"carrier hold", 1, 1};
const RecordFormat node_drain_format{"drain of a node", 1, 1};
const RecordFormat audit_event_format{"audit event", 1, 1};
const RecordFormat alerts_format{"alerts of an app", 1, 1};

std::span<const RecordFormat* const> record_formats() {
  static constexpr std::array all{
      &otp_format,       &app_format,          &api_key_format,    &list_entry_format,     &pass_format,
      &template_format,  &webhook_format,      &delivery_format,   &webhook_health_format, &day_format,
      &receipt_format,   &counters_format,     &answer_format,     &note_format,           &guesses_format,
      &stat_sums_format, &carrier_hold_format, &node_drain_format, &audit_event_format,    &alerts_format};
  return all;
}

FormatLine formats_read() {
  FormatLine line;
  for (const RecordFormat* format : record_formats()) line.push_back(static_cast<char>(format->reads));
  return line;
}

FormatLine formats_written() {
  FormatLine line;
  for (const RecordFormat* format : record_formats()) line.push_back(static_cast<char>(format->writes()));
  return line;
}

FormatLine newest_of(FormatLine a, std::string_view b) {
  a.resize(std::max(a.size(), b.size()), '\0');
  for (std::size_t at = 0; at < b.size(); ++at) a[at] = std::max(a[at], b[at]);
  return a;
}

std::string out_of_reach(std::string_view written, std::string_view read) {
  const auto formats = record_formats();
  for (std::size_t at = 0; at < std::min({written.size(), read.size(), formats.size()}); ++at) {
    const auto is = static_cast<unsigned char>(written[at]), reaches = static_cast<unsigned char>(read[at]);
    if (is <= reaches) continue;
    return fmt::format("{} records of format {}, of which it reads {}", formats[at]->record, is, reaches);
  }
  return {};
}

}  // namespace xion
