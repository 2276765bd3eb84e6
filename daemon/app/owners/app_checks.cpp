#include "app/owners/app_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/suggest.h"

namespace xion {
namespace {

bool is_app_name(std::string_view name) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= 63 && is_plain(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_plain(c) || c == '_' || c == '.' || c == '-'; });
}

}  // namespace

std::optional<std::string> meant_name(std::string_view typed, const std::vector<std::string>& names) {
  const std::vector<std::string_view> known(names.begin(), names.end());
  const auto found = closest(typed, known);
  return found ? std::optional(fmt::format("did you mean {}?", *found)) : std::nullopt;
}

std::optional<Refusal> check_app_name(std::string_view name) {
  if (is_app_name(name)) return std::nullopt;
  return Refusal{fmt::format("{} is no name for an app", name),
                 "up to 63 of a-z, 0-9, _, . and -, a letter or digit first"};
}

std::optional<Refusal> check_app_plan(const Settings& settings, const std::string& plan) {
  if (settings.plans.contains(plan)) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& [name, of] : settings.plans) names.push_back(name);
  return Refusal{fmt::format("there is no plan {}", plan),
                 meant_name(plan, names).value_or(fmt::format("plans: {}", fmt::join(names, ", ")))};
}

std::optional<Refusal> check_app_settings(const std::map<std::string, std::string>& overrides) {
  for (const auto& [key, value] : overrides) {
    if (auto sentence = check_override(key, value)) return Refusal{std::move(*sentence), ""};
  }
  return std::nullopt;
}

}  // namespace xion
