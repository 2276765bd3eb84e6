#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace xion {

/// How it went with one webhook lately: by the hour, for `hours_kept`.
struct WebhookHealth {
  static constexpr int hours_kept = 24;

  struct Sums {
    std::uint64_t delivered = 0;  ///< Events that were taken.
    std::uint64_t failed = 0;     ///< Attempts that were not.
    std::uint64_t given_up = 0;   ///< Events that are tried no more.
    std::uint64_t dropped = 0;    ///< Events that found the queue full.
    bool operator==(const Sums&) const = default;
  };
  struct HourOf {
    std::int64_t hour = 0;  ///< Since 1970.
    Sums sums;
    bool operator==(const HourOf&) const = default;
  };

  std::vector<HourOf> hours;  ///< Oldest first; those without anything are not there.
  std::optional<WallTime> delivered_at;
  std::optional<WallTime> failed_at;
  int last_status = 0;     ///< Of the last answer that did not take an event; 0: none came.
  std::string last_error;  ///< In words, of `failed_at`.

  /// Adds to the hour of `now`, and forgets those that are over.
  Sums& at(WallTime now);
  /// Of the last 24 hours, the current one included.
  Sums lately(WallTime now) const;
  bool operator==(const WebhookHealth&) const = default;
};

std::string to_record(const WebhookHealth& health);
std::optional<WebhookHealth> webhook_health_from_record(std::string_view record);

}  // namespace xion
