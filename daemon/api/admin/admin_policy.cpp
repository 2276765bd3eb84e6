// Countries that an app sends to, and its test phones: settings of `xionctl app set` that its own key may change.
#include <fmt/format.h>

#include <algorithm>

#include "api/admin/admin_rows.h"
#include "core/owners/app_policy.h"

namespace xion::admin {
namespace {

using Object = wire::Value::Object;

struct PolicyField {
  std::string_view field;
  std::string_view setting;
  std::vector<std::string> SendRights::* member;
  std::string_view expected;
};
constexpr std::string_view of_countries = "an array of countries such as [\"AM\", \"GE\"]";
const PolicyField policy_fields[] = {
    {"allowed", "countries_allowed", &SendRights::countries_allowed, of_countries},
    {"denied", "countries_denied", &SendRights::countries_denied, of_countries},
    {"monitored", "countries_monitored", &SendRights::countries_monitored, of_countries},
    {"numberTypes", "number_types", &SendRights::number_types,
     "an array of mobile, fixed_line, voip, toll_free, premium_rate, other, no_country"},
};

/// Joined by commas, as `xionctl app set` takes them; nothing where one is no plain word.
std::optional<std::string> joined(const wire::Value& value) {
  if (value.array() == nullptr) return std::nullopt;
  std::string text;
  for (const wire::Value& each : *value.array()) {
    const auto* word = each.text();
    const bool is_plain =
        word != nullptr && !word->empty() && *word != "none" && word->find_first_of(", \t\r\n") == std::string::npos;
    if (!is_plain) return std::nullopt;
    text += text.empty() ? *word : "," + *word;
  }
  return text.empty() ? "none" : text;
}

/// "+37499000001:123456:2026-12-31"
std::optional<std::string> test_phone(const wire::Value& value) {
  if (value.object() == nullptr || value.object()->size() != 3) return std::nullopt;
  std::string text;
  for (const std::string_view name : {"phone", "code", "until"}) {
    const wire::Value* member = value.find(name);
    const auto* word = member == nullptr ? nullptr : member->text();
    if (word == nullptr || word->empty() || word->find_first_of(",:") != std::string::npos) return std::nullopt;
    text += text.empty() ? *word : ":" + *word;
  }
  return text;
}

/// A list that `xionctl app set` would take, too.
std::optional<Problem> set(Object& settings, std::string_view field, std::string_view setting, std::string value,
                           std::string_view expected) {
  if (check_override(setting, value)) return invalid_field(field, expected);
  settings.emplace_back(std::string(setting), wire::Value{std::move(value)});
  return std::nullopt;
}

}  // namespace

std::optional<Problem> read_countries(Call& call, Object& args) {
  auto given = body_object(call);
  if (!given) return std::move(given.error());
  Object settings;
  for (const auto& [name, value] : *given) {
    const auto* const row = std::ranges::find(policy_fields, name, &PolicyField::field);
    if (row == std::end(policy_fields)) {
      std::vector<std::string_view> known;
      for (const PolicyField& each : policy_fields) known.push_back(each.field);
      return unknown_field(name, known);
    }
    auto text = joined(value);
    if (!text) return invalid_field(name, row->expected);
    if (auto problem = set(settings, name, row->setting, std::move(*text), row->expected)) return problem;
  }
  if (settings.empty()) return missing_field(policy_fields[0].field);
  args.emplace_back("set", wire::Value{std::move(settings)});
  return std::nullopt;
}

std::optional<Problem> read_test_phones(Call& call, Object& args) {
  constexpr std::string_view field = "testPhones";
  constexpr std::string_view expected =
      R"(an array of at most 10 such as {"phone": "+37499000001", "code": "123456", "until": "2026-12-31"})";
  auto given = body_object(call);
  if (!given) return std::move(given.error());
  const wire::Value* list = nullptr;
  for (const auto& [name, value] : *given) {
    if (name != field) return unknown_field(name, std::span(&field, 1));
    list = &value;
  }
  if (list == nullptr) return missing_field(field);
  if (list->array() == nullptr) return invalid_field(field, expected);
  std::string text;
  for (const wire::Value& each : *list->array()) {
    const auto one = test_phone(each);
    if (!one) return invalid_field(field, expected);
    text += text.empty() ? *one : "," + *one;
  }
  Object settings;
  if (auto problem = set(settings, field, "test_phones", text.empty() ? "none" : std::move(text), expected))
    return problem;
  args.emplace_back("set", wire::Value{std::move(settings)});
  return std::nullopt;
}

void show_countries(JsonWriter& json, const AppEntry& app) {
  json.begin_object();
  for (const PolicyField& row : policy_fields) {
    json.key(row.field).begin_array();
    for (const std::string& each : app.policy.rights.*row.member) json.value(each);
    json.end_array();
  }
  json.end_object();
}

void show_test_phones(JsonWriter& json, const AppEntry& app) {
  json.begin_array();
  for (const TestPhone& phone : app.policy.test_phones) {
    json.begin_object().field("phone", phone.e164).field("code", phone.code);
    json.field("until", rfc3339(phone.until - std::chrono::days{1}).substr(0, 10)).end_object();
  }
  json.end_array();
}

}  // namespace xion::admin
