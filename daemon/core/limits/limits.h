#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/settings.h"

namespace xion {

/// One line of `violatedPolicies`.
struct Violation {
  std::string policy;  ///< "sends_per_phone", "cooldown", …
  std::uint32_t limit = 0;
  Seconds window{0};
  Seconds retry_after{0};  ///< Rounded up; at least 1.
};

/// Whether one more event at `now` keeps every rule, given the times of earlier ones (any order). The violation with
/// the longest wait comes first; none: allowed. An event exactly `window` old no longer counts.
std::vector<Violation> check_rates(std::string_view policy, std::span<const RateRule> rules,
                                   std::span<const WallTime> earlier, WallTime now);

/// Wait after `sends` (≥ 1) sends: the sends-th value of the list, the last one repeating. Zero for an empty list.
Seconds cooldown_after(std::span<const Seconds> cooldown, std::uint32_t sends);

/// So many names of its own an app may count sends by, and so a send may give.
inline constexpr std::size_t limit_keys_max = 5;
/// `[A-Za-z0-9_]{1,32}`
bool is_limit_key(std::string_view name);

/// "5/10m", "10/1d", "20/3600s": what the configuration writes.
std::optional<RateRule> parse_rate_rule(std::string_view text);
std::string to_string(const RateRule& rule);

/// A bucket of `rate` tokens a second that holds at most `burst`. Rate 0: never empty.
class TokenBucket {
 public:
  TokenBucket(double rate, double burst) : rate_(rate), burst_(burst), tokens_(burst) {}
  bool take(MonoTime now);
  /// Until one token is there; zero where one is.
  Millis wait(MonoTime now) const;
  double tokens(MonoTime now) const;
  double rate() const { return rate_; }
  double burst() const { return burst_; }
  void set_rate(double rate, double burst, MonoTime now);

 private:
  double rate_;
  double burst_;
  double tokens_;
  MonoTime at_{};
};

/// Lays an app's overrides over the configuration. Unknown keys and values that don't parse: the sentence to tell.
AppPolicy policy_of(const Settings& settings, std::string_view plan,
                    const std::map<std::string, std::string>& overrides);
/// Nothing where `key = value` may be set for an app; else why not, as a sentence with what would be right.
std::optional<std::string> check_override(std::string_view key, std::string_view value);

}  // namespace xion
