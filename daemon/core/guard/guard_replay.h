#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

#include "core/guard/traffic_counts.h"

namespace xion {

/// What the pumping guard would have done with one destination country.
struct ReplayedCountry {
  std::uint64_t sends = 0;
  std::uint64_t refused = 0;
  std::uint64_t refused_verified = 0;  ///< Refused ones whose request was verified: the harm that the thresholds do.
};
struct ReplayResult {
  ReplayedCountry all;
  std::map<std::string, ReplayedCountry> countries;
  std::map<std::string, std::uint64_t> rules;  ///< "prefix_hourly" → sends refused by it; one send may break several.
};

/// Plays an app's log again under other thresholds, as if they had been enforced: a refused send is not counted, and
/// its request not verified. Requests are fed in the order of their making; what happened to one is played in time with
/// the others.
class GuardReplay {
 public:
  /// Sends before `counted_from` only fill the counts.
  GuardReplay(const GuardSettings& settings, WallTime counted_from)
      : settings_(settings), counted_from_(counted_from) {}
  /// Test requests are passed over, and those that another rule refused.
  void feed(const Otp& otp);
  /// Plays what is left.
  ReplayResult finish();

 private:
  struct Happening {
    WallTime at{};
    std::size_t request = 0;
    bool is_verification = false;
    /// Of one moment, sends come before verifications.
    bool operator>(const Happening& other) const {
      return std::tie(at, is_verification, request) > std::tie(other.at, other.is_verification, other.request);
    }
  };
  struct Request {
    TrafficKeys keys;
    std::string country;
    bool is_verified = false;
    std::vector<WallTime> sent;  ///< Those that the guard let through.
    std::size_t left = 0;        ///< Happenings not yet played.
  };
  void play_until(WallTime until);
  void play_send(Request& request, WallTime at);
  void close_days(WallTime now);

  GuardSettings settings_;
  WallTime counted_from_;
  TrafficCounts counts_;
  std::map<std::size_t, Request> requests_;
  std::size_t next_request_ = 0;
  std::priority_queue<Happening, std::vector<Happening>, std::greater<>> happenings_;
  ReplayResult result_;
};

}  // namespace xion
