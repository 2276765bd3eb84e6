// What `xionctl app set` may change: the rows of the configuration that an app may have its own values of, and those
// that only apps have.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "base/suggest.h"
#include "base/trim.h"
#include "base/utf8.h"
#include "core/country.h"
#include "core/limits/limits.h"
#include "core/owners/app_keys.h"
#include "core/owners/app_policy.h"
#include "core/owners/send_rights.h"
#include "core/phone.h"
#include "core/texts/override_text.h"
#include "smpp/ascii.h"

namespace xion {
namespace {

using namespace override_text;

bool set_name(std::optional<std::string>& field, std::string_view value) {
  const auto points = from_utf8(value);
  if (!points || points->size() > 30) return false;
  if (std::ranges::any_of(*points, [](char32_t c) { return c < 0x20 || c == 0x7F; })) return false;
  field = is_off(value) ? "" : value;
  return true;
}

std::optional<std::string> country_code(std::string_view text) {
  std::string country(text);
  for (char& c : country) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return is_country_code(country) ? std::optional(std::move(country)) : std::nullopt;
}
std::optional<std::string> number_type(std::string_view text) {
  if (text == no_country_type) return std::string(text);
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
struct Row {
  std::string_view key;
  std::string expected;
  std::function<bool(AppPolicy&, std::string_view value)> lay;
  std::function<void(JsonWriter&, const AppPolicy&)> show;
};

/// The rows of a table of the configuration that an app may have its own values of.
template <typename Owner>
void add_overridable(std::vector<Row>& rows, const AppKeys<Owner>& keys, Owner AppPolicy::* part) {
  for (const AppKey<Owner>& key : keys) {
    if (key.name_of_app.empty()) continue;
    rows.push_back(
        {key.name_of_app, expected_of(key.kind),
         [&key, part](AppPolicy& policy, std::string_view value) {
           return read_setting(key.kind, value, policy.*part);
         },
         [&key, part](JsonWriter& json, const AppPolicy& policy) { write_setting(json, key.kind, policy.*part); }});
  }
}

/// What only apps have.
Row names(std::string_view key, std::string_view expected, std::vector<std::string> SendRights::* member,
          std::optional<std::string> (*check)(std::string_view)) {
  return {key, std::string(expected),
          [=](AppPolicy& policy, std::string_view value) { return set_list(policy.rights.*member, value, check); },
          [=](JsonWriter& json, const AppPolicy& policy) {
            json.begin_array();
            for (const std::string& name : policy.rights.*member) json.value(name);
            json.end_array();
          }};
}
Row name(std::string_view key, std::string_view expected, std::string SendRights::* member,
         std::optional<std::string> (*check)(std::string_view)) {
  return {key, std::string(expected),
          [=](AppPolicy& policy, std::string_view value) {
            if (is_off(value)) return (policy.rights.*member).clear(), true;
            return set(policy.rights.*member, check(value));
          },
          [=](JsonWriter& json, const AppPolicy& policy) { json.value(policy.rights.*member); }};
}
Row text_name() {
  return {"text_name", "at most 30 characters on one line, or none",
          [](AppPolicy& policy, std::string_view value) { return set_name(policy.text_name, value); },
          [](JsonWriter& json, const AppPolicy& policy) {
            if (policy.text_name)
              json.value(*policy.text_name);
            else
              json.null();
          }};
}

/// "device:5/1h"
std::optional<LimitKeyRule> limit_key_rule(std::string_view text) {
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  if (colon == std::string_view::npos || !is_limit_key(name)) return std::nullopt;
  const auto rule = parse_rate_rule(text.substr(colon + 1));
  return rule ? std::optional(LimitKeyRule{std::string(name), *rule}) : std::nullopt;
}

bool set_limit_keys(std::vector<LimitKeyRule>& field, std::string_view value) {
  std::vector<LimitKeyRule> rules;
  if (!set_list(rules, value, limit_key_rule)) return false;
  std::set<std::string_view> names;
  for (const LimitKeyRule& rule : rules) names.insert(rule.name);
  if (names.size() > limit_keys_max) return false;
  field = std::move(rules);
  return true;
}

/// The end of a day such as 2026-12-31, UTC.
std::optional<WallTime> end_of_day(std::string_view text) {
  const auto whole = [&](std::size_t at, std::size_t count) {
    return override_text::number<int>(text.substr(at, count), 0, 9999).value_or(-1);
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int month = whole(5, 2), day = whole(8, 2);
  if (month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{whole(0, 4)},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days{date} + std::chrono::days{1};
}

/// "+37499000001:123456:2026-12-31"
std::optional<TestPhone> test_phone(std::string_view text) {
  const auto first = text.find(':');
  const auto second = text.find(':', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto phone = parse_phone(text.substr(0, first));
  const auto code = text.substr(first + 1, second - first - 1);
  const auto until = end_of_day(text.substr(second + 1));
  const bool is_code = code.size() >= 4 && code.size() <= 10 && std::ranges::all_of(code, smpp::ascii::is_digit);
  if (!phone || !is_code || !until) return std::nullopt;
  return TestPhone{phone->e164, std::string(code), *until};
}

constexpr std::size_t test_phones_max = 10;

Row test_phones() {
  return {"test_phones",
          fmt::format("at most {} phones, each once, with their code and last day, such as "
                      "\"+37499000001:123456:2026-12-31\", or none",
                      test_phones_max),
          [](AppPolicy& policy, std::string_view value) {
            std::vector<TestPhone> phones;
            if (!set_list(phones, value, test_phone) || phones.size() > test_phones_max) return false;
            std::set<std::string_view> numbers;
            for (const TestPhone& phone : phones) numbers.insert(phone.e164);
            if (numbers.size() < phones.size()) return false;  // Which code would be the right one?
            policy.test_phones = std::move(phones);
            return true;
          },
          [](JsonWriter& json, const AppPolicy& policy) {
            json.begin_array();
            for (const TestPhone& phone : policy.test_phones)
              json.value(fmt::format("{}:{}:{}", phone.e164, phone.code,
                                     rfc3339(phone.until - std::chrono::days{1}).substr(0, 10)));
            json.end_array();
          }};
}

Row limit_keys() {
  return {"limit_keys",
          fmt::format(R"(rules of at most {} names, such as "device:5/1h,device:20/1d,session:3/10m", or none)",
                      limit_keys_max),
          [](AppPolicy& policy, std::string_view value) { return set_limit_keys(policy.limit_keys, value); },
          [](JsonWriter& json, const AppPolicy& policy) {
            json.begin_array();
            for (const LimitKeyRule& key : policy.limit_keys)
              json.value(fmt::format("{}:{}", key.name, to_string(key.rule)));
            json.end_array();
          }};
}

const std::vector<Row>& rows() {
  constexpr std::string_view countries = R"(countries such as "AM,GE", or none)";
  static const std::vector<Row> all = [&] {
    std::vector<Row> found;
    add_overridable(found, otp_app_keys(), &AppPolicy::otp);
    add_overridable(found, limit_app_keys(), &AppPolicy::limits);
    add_overridable(found, plan_app_keys(), &AppPolicy::plan);
    using R = SendRights;
    found.push_back(names("countries_allowed", countries, &R::countries_allowed, country_code));
    found.push_back(names("countries_denied", countries, &R::countries_denied, country_code));
    found.push_back(names("countries_monitored", countries, &R::countries_monitored, country_code));
    found.push_back(
        names("number_types",
              R"(types such as "mobile,voip" (mobile, fixed_line, voip, toll_free, premium_rate, other, no_country), )"
              "or none for all",
              &R::number_types, number_type));
    found.push_back(names("senders", R"(sender ids such as "Acme,4411", or none for any that a carrier has)",
                          &R::senders, sender_id));
    found.push_back(name("sender", "a sender id of 11 characters or 3–15 digits at most, or none for the carrier's",
                         &R::sender, sender_id));
    found.push_back(
        names("routes", R"(names of routes such as "premium,backup", or none for any)", &R::routes, route_name));
    found.push_back(name("route", "the name of a route, or none", &R::route, route_name));
    add_overridable(found, guard_app_keys(), &AppPolicy::guard);
    found.push_back(limit_keys());
    found.push_back(test_phones());
    found.push_back(text_name());
    return found;
  }();
  return all;
}

const Row* row_of(std::string_view key) {
  const auto row = std::ranges::find(rows(), key, &Row::key);
  return row == rows().end() ? nullptr : &*row;
}

/// The default lifetime never exceeds the ceiling. Who sets only the lifetime for an app has raised the ceiling with
/// it; and who makes codes shorter than the least has said that they may be.
void reconcile(OtpSettings& otp, const std::map<std::string, std::string>& overrides) {
  if (overrides.contains("ttl_seconds") && !overrides.contains("ttl_max_seconds"))
    otp.ttl_max = std::max(otp.ttl_max, otp.ttl);
  otp.ttl = std::min(otp.ttl, otp.ttl_max);
  otp.code_length_min = std::min(otp.code_length_min, otp.code_length);
}

}  // namespace

AppPolicy policy_of(const Settings& settings, std::string_view plan,
                    const std::map<std::string, std::string>& overrides) {
  AppPolicy policy{settings.otp, settings.limits, {}, settings.guard, {}, {}, {}, {}};
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
  std::vector<std::string_view> keys;
  for (const Row& one : rows()) keys.push_back(one.key);
  const Row* row = row_of(key);
  if (row == nullptr) {
    if (const auto meant = closest(key, keys)) return fmt::format("unknown key {}: did you mean {}?", key, *meant);
    return fmt::format("unknown key {}: expected one of {}", key, fmt::join(keys, ", "));
  }
  AppPolicy scratch;
  if (row->lay(scratch, trimmed(value))) return std::nullopt;
  return fmt::format("{} = {}: expected {}", key, value, row->expected);
}

std::optional<std::string> check_overrides(const std::map<std::string, std::string>& overrides) {
  const SendRights rights = policy_of({}, {}, overrides).rights;
  for (const std::string& country : rights.countries_allowed) {
    if (std::ranges::find(rights.countries_denied, country) != rights.countries_denied.end())
      return fmt::format("{} can't be both in countries_allowed and in countries_denied", country);
  }
  return std::nullopt;
}

void write_policy(JsonWriter& json, const AppPolicy& policy) {
  json.begin_object();
  for (const Row& row : rows()) {
    json.key(row.key);
    row.show(json, policy);
  }
  json.end_object();
}

}  // namespace xion
