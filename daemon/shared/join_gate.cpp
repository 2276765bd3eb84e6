#include "shared/join_gate.h"

#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "core/record_formats.h"
#include "shared/clock_skew.h"
#include "shared/member_rows.h"

namespace xion {

std::string why_clock_keeps_out(Millis ahead) {
  if (std::chrono::abs(ahead) <= skew_refused) return {};
  return fmt::format(
      "this machine's clock is {:.1f} seconds {} the database's, and codes end by it: set both by NTP, then start "
      "again",
      std::chrono::duration<double>(std::chrono::abs(ahead)).count(), ahead > Millis{0} ? "ahead of" : "behind");
}

ReleaseGate::Verdict ReleaseGate::look(const std::vector<StoredRow>& beats, std::string_view written, MonoTime now) {
  Verdict verdict;
  for (const StoredRow& row : beats) {
    const auto beat = beat_from(row.content.record);
    if (!beat || beat->name == name_) continue;
    const std::string missed = out_of_reach(written, beat->formats_read);
    if (missed.empty()) continue;
    const auto [seen, is_first] = beats_.try_emplace(row.key, Beat{row.stamp, now});
    if (seen->second.stamp != row.stamp) seen->second = {row.stamp, now, true};
    if (!seen->second.has_changed && now - seen->second.since >= lease_) continue;
    verdict.may_join = false;
    if (!seen->second.has_changed || !verdict.why_not.empty()) continue;
    verdict.why_not = fmt::format(
        "node {} ({}) lives and this release writes {}: upgrade that node to the release before this one first",
        beat->name, beat->report.version.empty() ? "an older release" : beat->report.version, missed);
  }
  return verdict;
}

}  // namespace xion
