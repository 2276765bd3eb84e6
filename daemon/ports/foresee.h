#pragma once
#include <string>
#include <vector>

#include "ports/stored.h"

namespace xion {

/// What a task is going to read, as far as that is known before it runs: an engine whose records are far away fetches
/// it for a whole batch at once. What is missing here costs such an engine another round, and nothing else; an engine
/// that has all at hand never asks.
struct Reads {
  struct CarrierId {
    std::string carrier;
    std::string smsc_message_id;
  };
  struct QuotaKey {
    AppId app = 0;
    Month month{};
  };
  std::vector<OtpId> otps;
  std::vector<OtpId> shown;   ///< Requests of a task that writes nothing: of what was remembered it would be too old.
  std::vector<LiveKey> live;  ///< With the request that is found.
  std::vector<HistoryKey> history;
  std::vector<Digest> answers;
  std::vector<CarrierId> submissions;  ///< With the request that is found, and what is parked under it.
  std::vector<QuotaKey> quotas;
  std::vector<Otp> written;  ///< Whole requests that are put, new ones mostly.
};

}  // namespace xion
