#pragma once
#include <cstdint>
#include <map>
#include <string>

namespace xion::carrier {

/// What went by since the start. Gauges are counted when they are asked for.
struct Stats {
  std::uint64_t connections = 0;  ///< now open
  std::uint64_t binds = 0;        ///< now bound
  std::uint64_t binds_accepted = 0;
  std::uint64_t binds_refused = 0;
  std::uint64_t submits = 0;
  std::uint64_t accepted = 0;
  std::uint64_t throttled = 0;   ///< answered 0x58 or 0x14
  std::uint64_t unanswered = 0;  ///< dropped responses
  std::uint64_t distinct = 0;    ///< accepted pairs of destination and octets
  std::uint64_t duplicates = 0;  ///< accepted again
  std::uint64_t window_exceeded = 0;
  std::uint64_t receipts_sent = 0;  ///< repeats included
  std::uint64_t receipts_acknowledged = 0;
  std::uint64_t receipts_refused = 0;  ///< deliver_sm_resp other than 0, or nacked
  std::uint64_t receipts_unanswered = 0;
  std::uint64_t receipts_pending = 0;              ///< not due, not sent or not acknowledged yet
  std::uint64_t enquire_links = 0;                 ///< asked by ESMEs, and answered
  std::uint64_t malformed = 0;                     ///< PDUs that could not be read, or promised more than they held
  std::uint64_t unmatched = 0;                     ///< responses to nothing of ours
  std::map<std::uint32_t, std::uint64_t> answers;  ///< by command_status

  /// One JSON object on one line.
  std::string json() const;
};

}  // namespace xion::carrier
