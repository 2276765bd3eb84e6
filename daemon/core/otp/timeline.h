#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/otp/otp.h"

namespace xion {

/// One line of a request's timeline.
struct OtpEvent {
  WallTime at{};
  std::string_view type;  ///< created, queued, submitting, submitted, refused, outcome_unknown, receipt, failed_over,
                          ///< resent, attempt, verified, …
  std::string carrier;
  std::string smsc_message_id;
  std::string detail;              ///< State or reason in the catalogue's words.
  std::string error;               ///< Status name or the receipt's `err`.
  std::string_view error_meaning;  ///< The same in words; empty where there are none.
  std::optional<Millis>
      latency;                ///< submitted, refused: since it was handed to the link; receipt: since it was queued.
  std::uint32_t message = 0;  ///< Number of the send, from 1; 0: of the request itself.
};
/// Everything that happened, oldest first: told from the record alone, so that it can't disagree with it.
std::vector<OtpEvent> timeline(const Otp& otp);

}  // namespace xion
