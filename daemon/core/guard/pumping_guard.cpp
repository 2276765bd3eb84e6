#include "core/guard/pumping_guard.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/otp/otp.h"

namespace xion {
namespace {

struct GuardRule {
  TrafficOf subject;
  std::string_view budget;
};
/// In the order of their bits, which are on disk: append only.
constexpr GuardRule guard_rules[] = {
    {TrafficOf::country, "daily"},     {TrafficOf::country, "hourly"}, {TrafficOf::prefix, "daily"},
    {TrafficOf::prefix, "hourly"},     {TrafficOf::user_ip, "daily"},  {TrafficOf::user_ip, "hourly"},
    {TrafficOf::user_ip, "countries"},
};

std::uint64_t share_of(double share, double of) { return static_cast<std::uint64_t>(std::max(0.0, share * of + 1e-9)); }

}  // namespace

std::string_view to_string(TrafficOf subject) {
  switch (subject) {
    case TrafficOf::country: return "country";
    case TrafficOf::prefix: return "prefix";
    case TrafficOf::user_ip: return "user_ip";
    case TrafficOf::user_id: return "user_id";
  }
  return "";
}

GuardStage guard_stage(GuardMode mode, const std::optional<WallTime>& first_verified, WallTime now) {
  if (mode != GuardMode::automatic) return {mode, false, {}};
  if (!first_verified) return {GuardMode::enforce, true, {}};
  const WallTime from = *first_verified + guard_warm_up;
  if (now < from) return {GuardMode::record, false, from};
  return {GuardMode::enforce, false, {}};
}

std::string GuardFinding::rule() const { return fmt::format("{}_{}", to_string(subject), budget); }

std::uint8_t guard_rule_bit(const GuardFinding& finding) {
  std::uint8_t bit = 1;
  for (const GuardRule& rule : guard_rules) {
    if (rule.subject == finding.subject && rule.budget == finding.budget) return bit;
    bit = static_cast<std::uint8_t>(bit << 1);
  }
  return 0;
}

std::string describe(const PolicyEvent& event) {
  if (event.guard_rules == 0) return event.reason;
  std::string text = "fraud_suspected:";
  for (std::size_t i = 0; i < std::size(guard_rules); ++i) {
    if (event.guard_rules >> i & 1)
      text.append(" ").append(GuardFinding{guard_rules[i].subject, guard_rules[i].budget}.rule());
  }
  return text;
}

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
  const std::uint32_t countries = subject == TrafficOf::user_ip   ? settings.countries_per_user_ip
                                  : subject == TrafficOf::user_id ? settings.countries_per_user_id
                                                                  : 0;
  if (countries > 0) look("countries", traffic.other_countries, countries);
  return findings;
}

}  // namespace xion
