// What `xionctl app set` may change: one row a key, which reads its value into the app's policy.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/suggest.h"
#include "base/trim.h"
#include "base/utf8.h"
#include "core/limits.h"
#include "core/phone.h"

namespace xion {
namespace {

bool is_off(std::string_view value) { return value.empty() || value == "none"; }

template <typename T>
std::optional<T> number(std::string_view text, T least, T most) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= least && value <= most))
    return std::nullopt;
  return value;
}

template <typename T>
bool set(T& field, const std::optional<T>& value) {
  if (value) field = *value;
  return value.has_value();
}

bool set_seconds(Seconds& field, std::string_view value, std::int64_t least, std::int64_t most) {
  const auto seconds = number<std::int64_t>(value, least, most);
  if (seconds) field = Seconds{*seconds};
  return seconds.has_value();
}

/// Comma-separated; "none" or nothing: an empty list, which switches the limit off.
template <typename T, typename Parse>
bool set_list(std::vector<T>& field, std::string_view value, Parse parse) {
  std::vector<T> list;
  while (!is_off(value)) {
    const auto comma = value.find(',');
    const auto element = parse(trimmed(value.substr(0, comma)));
    if (!element) return false;
    list.push_back(*element);
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
    if (is_off(trimmed(value))) return false;  // "5/10m," ends in the middle
  }
  field = std::move(list);
  return true;
}

bool set_rule(RateRule& field, std::string_view value) {
  return is_off(value) ? (field = RateRule{}, true) : set(field, parse_rate_rule(value));
}

bool set_name(std::optional<std::string>& field, std::string_view value) {
  const auto points = from_utf8(value);
  if (!points || points->size() > 30) return false;
  if (std::ranges::any_of(*points, [](char32_t c) { return c < 0x20 || c == 0x7F; })) return false;
  field = is_off(value) ? "" : value;
  return true;
}

bool is_country(std::string_view text) {
  return text.size() == 2 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}
std::optional<std::string> country_code(std::string_view text) {
  return is_country(text) ? std::optional<std::string>(text) : std::nullopt;
}
std::optional<std::string> number_type(std::string_view text) {
  for (int type = 0; type <= static_cast<int>(NumberType::unknown); ++type) {
    if (to_string(static_cast<NumberType>(type)) == text) return std::string(text);
  }
  return std::nullopt;
}
/// A sender: 3 to 15 digits, or up to 11 characters that an alphanumeric sender may have. Source: 3GPP TS 23.040
/// §9.1.2.5.
std::optional<std::string> sender_id(std::string_view text) {
  const bool is_number =
      text.size() >= 3 && text.size() <= 15 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const bool is_name = !text.empty() && text.size() <= 11 &&
                       std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~' && c != ','; });
  return is_number || is_name ? std::optional<std::string>(text) : std::nullopt;
}
std::optional<std::string> route_name(std::string_view text) {
  return !text.empty() && text.size() <= 32 ? std::optional<std::string>(text) : std::nullopt;
}
template <typename Check>
bool set_text(std::string& field, std::string_view value, Check check) {
  if (is_off(value)) return field.clear(), true;
  return set(field, check(value));
}

std::optional<GuardMode> guard_mode(std::string_view text) {
  if (text == "off") return GuardMode::off;
  if (text == "record") return GuardMode::record;
  if (text == "enforce") return GuardMode::enforce;
  return std::nullopt;
}
std::optional<bool> truth(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<Seconds> cooldown_step(std::string_view text) {
  const auto seconds = number<std::int64_t>(text, 0, 3600);
  return seconds ? std::optional(Seconds{*seconds}) : std::nullopt;
}

struct Row {
  std::string_view key;
  std::string_view expected;
  bool (*lay)(AppPolicy&, std::string_view value);
};

constexpr std::string_view rules_expected = R"(rules such as "5/10m,10/1d" (windows up to 1d), or none)";
constexpr std::string_view rule_expected = R"(one rule such as "10/1h" (window up to 1d), or none)";

constexpr std::string_view countries_expected = R"(countries such as "AM,GE", or none)";

constexpr auto rows = std::to_array<Row>({
    {"ttl_seconds", "30–3600", [](AppPolicy& p, std::string_view v) { return set_seconds(p.otp.ttl, v, 30, 3600); }},
    {"ttl_max_seconds", "30–3600",
     [](AppPolicy& p, std::string_view v) { return set_seconds(p.otp.ttl_max, v, 30, 3600); }},
    {"code_length", "4–10",
     [](AppPolicy& p, std::string_view v) { return set(p.otp.code_length, number<std::uint8_t>(v, 4, 10)); }},
    {"attempts", "1–10",
     [](AppPolicy& p, std::string_view v) { return set(p.otp.attempts, number<std::uint8_t>(v, 1, 10)); }},
    {"resend", "same or rotate",
     [](AppPolicy& p, std::string_view v) {
       p.otp.resend_rotates = v == "rotate";
       return v == "rotate" || v == "same";
     }},
    {"sends_per_phone", rules_expected,
     [](AppPolicy& p, std::string_view v) { return set_list(p.limits.sends_per_phone, v, parse_rate_rule); }},
    {"sends_per_user_ip", rules_expected,
     [](AppPolicy& p, std::string_view v) { return set_list(p.limits.sends_per_user_ip, v, parse_rate_rule); }},
    {"phones_per_user_ip", rule_expected,
     [](AppPolicy& p, std::string_view v) { return set_rule(p.limits.phones_per_user_ip, v); }},
    {"failed_verifies_per_user_ip", rule_expected,
     [](AppPolicy& p, std::string_view v) { return set_rule(p.limits.failed_verifies_per_user_ip, v); }},
    {"locks_per_phone", rule_expected,
     [](AppPolicy& p, std::string_view v) { return set_rule(p.limits.locks_per_phone, v); }},
    {"phone_lock_seconds", "1–86400, or none",
     [](AppPolicy& p, std::string_view v) { return set_seconds(p.limits.phone_lock, is_off(v) ? "0" : v, 0, 86'400); }},
    {"cooldown_seconds", R"(seconds such as "30,60,120" (each 0–3600), or none)",
     [](AppPolicy& p, std::string_view v) { return set_list(p.limits.cooldown, v, cooldown_step); }},
    {"requests_per_second", "0.1–100000, or none",
     [](AppPolicy& p, std::string_view v) {
       return set(p.plan.requests_per_second, is_off(v) ? std::optional(0.0) : number(v, 0.1, 100'000.0));
     }},
    {"sms_per_month", "1–1000000000, or none",
     [](AppPolicy& p, std::string_view v) {
       return set(p.plan.sms_per_month,
                  is_off(v) ? std::optional<std::uint64_t>(0) : number<std::uint64_t>(v, 1, 1'000'000'000));
     }},
    {"overage", "true or false", [](AppPolicy& p, std::string_view v) { return set(p.plan.overage, truth(v)); }},
    {"segments_max", "1–10",
     [](AppPolicy& p, std::string_view v) { return set(p.otp.segments_max, number<std::uint8_t>(v, 1, 10)); }},
    {"countries_allowed", countries_expected,
     [](AppPolicy& p, std::string_view v) { return set_list(p.rights.countries_allowed, v, country_code); }},
    {"countries_denied", countries_expected,
     [](AppPolicy& p, std::string_view v) { return set_list(p.rights.countries_denied, v, country_code); }},
    {"countries_monitored", countries_expected,
     [](AppPolicy& p, std::string_view v) { return set_list(p.rights.countries_monitored, v, country_code); }},
    {"number_types", R"(types such as "mobile,voip" (mobile, fixed_line, voip, toll_free, premium_rate, other), or none for all)",
     [](AppPolicy& p, std::string_view v) { return set_list(p.rights.number_types, v, number_type); }},
    {"senders", R"(sender ids such as "Acme,4411", or none for any that a carrier has)",
     [](AppPolicy& p, std::string_view v) { return set_list(p.rights.senders, v, sender_id); }},
    {"sender", "a sender id of 11 characters or 3–15 digits at most, or none for the carrier's",
     [](AppPolicy& p, std::string_view v) { return set_text(p.rights.sender, v, sender_id); }},
    {"routes", R"(names of routes such as "premium,backup", or none for any)",
     [](AppPolicy& p, std::string_view v) { return set_list(p.rights.routes, v, route_name); }},
    {"route", "the name of a route, or none",
     [](AppPolicy& p, std::string_view v) { return set_text(p.rights.route, v, route_name); }},
    {"fraud", "off, record or enforce", [](AppPolicy& p, std::string_view v) { return set(p.guard.mode, guard_mode(v)); }},
    {"fraud_daily_floor", "0–1000000",
     [](AppPolicy& p, std::string_view v) { return set(p.guard.daily_floor, number<std::uint32_t>(v, 0, 1'000'000)); }},
    {"fraud_daily_share", "0–100", [](AppPolicy& p, std::string_view v) { return set(p.guard.daily_share, number(v, 0.0, 100.0)); }},
    {"fraud_hourly_floor", "0–1000000",
     [](AppPolicy& p, std::string_view v) { return set(p.guard.hourly_floor, number<std::uint32_t>(v, 0, 1'000'000)); }},
    {"fraud_hourly_share", "0–100",
     [](AppPolicy& p, std::string_view v) { return set(p.guard.hourly_share, number(v, 0.0, 100.0)); }},
    {"fraud_countries_per_user_ip", "1–250, or none",
     [](AppPolicy& p, std::string_view v) {
       return set(p.guard.countries_per_user_ip, is_off(v) ? std::optional(0U) : number<std::uint32_t>(v, 1, 250));
     }},
    {"text_name", "at most 30 characters on one line, or none",
     [](AppPolicy& p, std::string_view v) { return set_name(p.text_name, v); }},
});

const Row* row_of(std::string_view key) {
  const auto* row = std::ranges::find(rows, key, &Row::key);
  return row == rows.end() ? nullptr : row;
}

/// The default lifetime never exceeds the ceiling. Who sets only the lifetime for an app has raised the ceiling with
/// it.
void reconcile(OtpSettings& otp, const std::map<std::string, std::string>& overrides) {
  if (overrides.contains("ttl_seconds") && !overrides.contains("ttl_max_seconds"))
    otp.ttl_max = std::max(otp.ttl_max, otp.ttl);
  otp.ttl = std::min(otp.ttl, otp.ttl_max);
}

}  // namespace

AppPolicy policy_of(const Settings& settings, std::string_view plan,
                    const std::map<std::string, std::string>& overrides) {
  AppPolicy policy{settings.otp, settings.limits, {}, settings.guard, {}, {}};
  const auto bought = settings.plans.find(std::string(plan));
  if (bought != settings.plans.end()) policy.plan = bought->second;
  if (policy.plan.name.empty()) policy.plan.name = plan;
  for (const auto& [key, value] : overrides) {
    AppPolicy changed = policy;
    if (const Row* row = row_of(key); row != nullptr && row->lay(changed, trimmed(value))) policy = std::move(changed);
  }
  reconcile(policy.otp, overrides);
  return policy;
}

std::optional<std::string> check_override(std::string_view key, std::string_view value) {
  std::array<std::string_view, rows.size()> keys;
  std::ranges::transform(rows, keys.begin(), &Row::key);
  const Row* row = row_of(key);
  if (row == nullptr) {
    if (const auto meant = closest(key, keys)) return fmt::format("unknown key {}: did you mean {}?", key, *meant);
    return fmt::format("unknown key {}: expected one of {}", key, fmt::join(keys, ", "));
  }
  AppPolicy scratch;
  if (row->lay(scratch, trimmed(value))) return std::nullopt;
  return fmt::format("{} = {}: expected {}", key, value, row->expected);
}

}  // namespace xion
