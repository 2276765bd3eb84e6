#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/histogram.h"
#include "base/time.h"
#include "core/otp/otp.h"

namespace xion {

struct SendOutcome;
struct VerifyOutcome;

/// A time as metrics have it.
inline double in_seconds(Millis span) { return static_cast<double>(span.count()) / 1000; }

/// What an account's receipts told since start. (What its binds count is in their `BindView`.)
struct ReceiptMeasures {
  std::map<MessageState, std::uint64_t> by_state;
  std::uint64_t repeated = 0;
  std::uint64_t unheard_of = 0;                  ///< In a state that no specification names.
  std::uint64_t verified = 0, not_verified = 0;  ///< Requests that ended, by the carrier of their newest message.
  Histogram accept_to_delivered{long_times};     ///< Seconds from the acceptance of a message to its receipt.
};

/// What the use cases count for /metrics since start, requests with test keys left out. Loop thread only, so that
/// counting costs an increment; whoever reads makes Prometheus's text of it. Names are those of the API, and few: they
/// become labels.
struct Measures {
  using Counts = std::map<std::string_view, std::uint64_t>;

  void sent(const SendOutcome& outcome);
  void verified(const VerifyOutcome& outcome);
  void answered(std::string_view pattern, int status, Millis took) {
    ++calls[{pattern, status}];
    call_times.observe(in_seconds(took));
  }

  Counts sends;                                                   ///< By verdict: sent, or why not.
  Counts verifies;                                                ///< By result.
  std::map<std::string, std::uint64_t, std::less<>> limits_hit;   ///< By policy, as in `violatedPolicies`.
  std::map<std::string, ReceiptMeasures, std::less<>> receipts;   ///< By carrier.
  std::map<std::string, std::uint64_t, std::less<>> died_unsent;  ///< Messages that expired in the queue, by route.
  std::uint64_t handed_over = 0;                                  ///< Messages, to another node that has a bind.
  std::uint64_t receipts_parked = 0, receipts_unmatched = 0;
  Counts refused_keys;  ///< Calls that were refused for their key, by the code of the error catalogue.
  std::map<std::pair<std::string_view, int>, std::uint64_t> calls;  ///< Of the API, by pattern and HTTP status.
  Histogram call_times{short_times};                                ///< Seconds from a call's arrival to its answer.
};

}  // namespace xion
