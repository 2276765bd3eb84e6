#pragma once
#include <cstddef>
#include <cstdint>
#include <map>

#include "base/histogram.h"

namespace xion {

/// What one bind has done since start.
struct LinkCounters {
  std::uint64_t submitted = 0, accepted = 0, refused = 0, throttled = 0, queue_full = 0, lost = 0, receipts = 0,
                connects = 0;
  /// command_status of submit_sm_resp. Carriers invent 32-bit ones: above so many different ones the rest is counted in
  /// one place, so that nobody's memory nor metrics grow with them.
  static constexpr std::size_t statuses_at_most = 64;
  std::map<std::uint32_t, std::uint64_t> statuses;
  std::uint64_t other_statuses = 0;
  void note_status(std::uint32_t status) {
    if (statuses.size() < statuses_at_most || statuses.contains(status)) {
      ++statuses[status];
    } else {
      ++other_statuses;
    }
  }
  Histogram round_trips{long_times};     ///< Seconds from submit_sm to its response.
  Histogram accept_to_wire{long_times};  ///< Seconds from the acceptance of a message to its first submit_sm.
};

}  // namespace xion
