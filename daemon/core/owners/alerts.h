#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "core/money.h"

/// What the owner of an app is warned of by itself: told once when it begins and once when it is over, however often
/// one looks. Pure: readings and what is open in, what is open next and what to tell out.
namespace xion {

/// The order is the order on disk: append only.
enum class AlertKind : std::uint8_t {
  delivery_rate,      ///< Much less is delivered than in the week before.
  verification_rate,  ///< Many fewer codes come back than in the week before.
  plan_usage,         ///< The month's plan is nearly used up.
  spend,              ///< The day's or the month's messages cost nearly what they may.
  webhook_failing,    ///< A webhook's calls fail, and go on failing.
};
std::string_view to_string(AlertKind kind);

/// So many have to be known of a day, and of the week before it, for their rates to mean anything …
inline constexpr std::int64_t alert_rate_of_at_least = 50;
/// … and with fewer than these a rate that had fallen is no trouble any more that anybody could tell.
inline constexpr std::int64_t alert_rate_of_too_few = 25;
/// A rate is down by so much, and back within so much of what it was. Shares, 0.1 being ten percentage points.
inline constexpr double alert_rate_drop = 0.10;
inline constexpr double alert_rate_back = 0.05;
/// And by so many standard deviations of what chance does: about once in 700 quiet days.
inline constexpr double alert_rate_deviations = 3;
/// A plan and a cap are nearly used up from this share on, in per cent.
inline constexpr std::int64_t alert_share_percent = 80;
/// A webhook that fails for shorter may have been restarted.
inline constexpr Seconds alert_webhook_after{600};

struct RateReading {
  std::int64_t good = 0;
  std::int64_t all = 0;
  double rate() const { return all == 0 ? 0 : static_cast<double>(good) / static_cast<double>(all); }
};
struct SpendReading {
  std::string period;  ///< "day" or "month"
  Micros spent = 0;
  Micros cap = 0;  ///< 0: there is none.
};
struct WebhookReading {
  std::string id;
  std::string url;  ///< As it may be shown.
  bool is_failing = false;
  int http_status = 0;  ///< Of the last answer; 0: none came.
  std::string error;
};
/// What is known of an app at a moment, test keys left out.
struct AlertReadings {
  std::string app;
  RateReading delivery, delivery_before;  ///< Of the last 24 hours, and of the seven days before those.
  RateReading verification, verification_before;
  std::uint64_t used = 0, included = 0;  ///< Messages of the month; 0: the plan has no end.
  std::string currency;
  std::vector<SpendReading> spends;
  std::vector<WebhookReading> webhooks;
};

/// Something that is wrong.
struct Alert {
  AlertKind kind = AlertKind::delivery_rate;
  std::string subject;  ///< The webhook's id, or the period of `spend`; else empty.
  WallTime since{};
  bool is_told = false;   ///< False: it may still pass, and nobody was told.
  double before = 0;      ///< Of a rate: what it had been.
  std::string data = {};  ///< What was told, a JSON object.
  bool operator==(const Alert&) const = default;
};
/// What webhooks are told: `alert.raised` or `alert.resolved`.
struct AlertNews {
  std::string_view type;
  Alert alert;
};
struct AlertDecision {
  std::vector<Alert> open;  ///< In the order of kinds and subjects.
  std::vector<AlertNews> news;
};
AlertDecision decide_alerts(const AlertReadings& readings, const std::vector<Alert>& open, WallTime now);

std::string to_record(const std::vector<Alert>& open);
std::optional<std::vector<Alert>> alerts_from_record(std::string_view record);

}  // namespace xion
