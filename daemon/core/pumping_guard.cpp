#include "core/pumping_guard.h"

#include <algorithm>

#include <fmt/format.h>

namespace xion {
namespace {

std::uint64_t share_of(double share, double of) { return static_cast<std::uint64_t>(std::max(0.0, share * of + 1e-9)); }

}  // namespace

std::string_view to_string(TrafficOf subject) {
  switch (subject) {
    case TrafficOf::country: return "country";
    case TrafficOf::prefix: return "prefix";
    case TrafficOf::user_ip: return "user_ip";
  }
  return "";
}

std::string GuardFinding::rule() const { return fmt::format("{}_{}", to_string(subject), budget); }

std::uint64_t daily_budget(const GuardSettings& settings, const Traffic& traffic) {
  return std::max({std::uint64_t{settings.daily_floor},
                   share_of(settings.daily_share, static_cast<double>(traffic.best_verified_day)),
                   share_of(settings.daily_share, static_cast<double>(traffic.verified_day))});
}

std::uint64_t hourly_budget(const GuardSettings& settings, const Traffic& traffic) {
  return std::max({std::uint64_t{settings.hourly_floor},
                   share_of(settings.hourly_share, static_cast<double>(traffic.best_verified_day) / 6),
                   share_of(settings.hourly_share, static_cast<double>(traffic.verified_hour))});
}

std::vector<GuardFinding> check_traffic(const GuardSettings& settings, TrafficOf subject, const Traffic& traffic) {
  std::vector<GuardFinding> findings;
  const auto look = [&](std::string_view budget, std::uint64_t used, std::uint64_t allowed) {
    if (used >= allowed) findings.push_back({subject, budget, used, allowed});
  };
  look("daily", traffic.unverified_day, daily_budget(settings, traffic));
  look("hourly", traffic.unverified_hour, hourly_budget(settings, traffic));
  if (subject == TrafficOf::user_ip && settings.countries_per_user_ip > 0)
    look("countries", traffic.other_countries, settings.countries_per_user_ip);
  return findings;
}

}  // namespace xion
