#include "core/limits/limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "smpp/ascii.h"

namespace xion {
namespace {

/// The history that rules are counted by forgets what is older.
constexpr Seconds longest_window{86'400};

/// So many events of a phone or an address are looked at, at most.
constexpr std::uint32_t largest_count = 100'000;

struct Unit {
  char letter;
  std::uint32_t seconds;
};
constexpr Unit units[] = {{'d', 86'400}, {'h', 3600}, {'m', 60}, {'s', 1}};

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Seconds> duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto* unit = std::ranges::find(units, text.back(), &Unit::letter);
  const auto count = number(text.substr(0, text.size() - 1));
  if (unit == std::end(units) || !count) return std::nullopt;
  return Seconds{std::uint64_t{*count} * unit->seconds};
}

/// A bucket below one token would never give any.
double room(double burst) { return std::max(burst, 1.0); }
/// So little under one whole token is rounding, not a missing token.
constexpr double rounding = 1e-9;

}  // namespace

std::vector<Violation> check_rates(std::string_view policy, std::span<const RateRule> rules,
                                   std::span<const WallTime> earlier, WallTime now) {
  std::vector<Violation> violations;
  for (const RateRule& rule : rules) {
    if (rule.count == 0) continue;
    std::vector<WallTime> counted;
    std::ranges::copy_if(earlier, std::back_inserter(counted), [&](WallTime at) { return now - at < rule.window; });
    if (counted.size() < rule.count) continue;
    // One more fits when all but `count` - 1 have grown too old: the count-th newest is the last that has to.
    const auto last_to_go = counted.begin() + (rule.count - 1);
    std::ranges::nth_element(counted, last_to_go, std::ranges::greater{});
    const Seconds wait = std::chrono::ceil<Seconds>(*last_to_go + rule.window - now);
    violations.push_back({std::string(policy), rule.count, rule.window, std::max(wait, Seconds{1})});
  }
  std::ranges::stable_sort(violations, std::ranges::greater{}, &Violation::retry_after);
  return violations;
}

Seconds cooldown_after(std::span<const Seconds> cooldown, std::uint32_t sends) {
  if (cooldown.empty() || sends == 0) return Seconds{0};
  return cooldown[std::min<std::size_t>(sends, cooldown.size()) - 1];
}

bool is_limit_key(std::string_view name) {
  return !name.empty() && name.size() <= 32 &&
         std::ranges::all_of(name, [](char c) { return smpp::ascii::is_alphanumeric(c) || c == '_'; });
}

std::optional<RateRule> parse_rate_rule(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto count = number(text.substr(0, slash));
  const auto window = duration(text.substr(slash + 1));
  if (!count || *count == 0 || *count > largest_count || !window || *window < Seconds{1} || *window > longest_window)
    return std::nullopt;
  return RateRule{*count, *window};
}

std::string to_string(const RateRule& rule) {
  const auto window = static_cast<std::uint64_t>(rule.window.count());
  const auto* unit = std::ranges::find_if(units, [&](Unit u) { return window % u.seconds == 0; });
  return fmt::format("{}/{}{}", rule.count, window / unit->seconds, unit->letter);
}

bool TokenBucket::take(MonoTime now) {
  if (rate_ == 0) return true;
  tokens_ = tokens(now);
  at_ = std::max(at_, now);
  if (tokens_ < 1 - rounding) return false;
  tokens_ = std::max(tokens_ - 1, 0.0);
  return true;
}

Millis TokenBucket::wait(MonoTime now) const {
  const double held = tokens(now);
  if (rate_ == 0 || held >= 1 - rounding) return Millis{0};
  return std::chrono::ceil<Millis>(std::chrono::duration<double>((1 - held) / rate_));
}

double TokenBucket::tokens(MonoTime now) const {
  if (rate_ == 0) return room(burst_);
  const double passed = std::chrono::duration<double>(std::max(now - at_, Millis{0})).count();
  return std::min(tokens_ + passed * rate_, room(burst_));
}

void TokenBucket::set_rate(double rate, double burst, MonoTime now) {
  tokens_ = std::min(tokens(now), room(burst));
  at_ = std::max(at_, now);
  rate_ = rate;
  burst_ = burst;
}

}  // namespace xion
