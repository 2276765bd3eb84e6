#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/owners/directory.h"

/// What an app may be, wherever it comes from. Nothing: it may.
namespace xion {

std::optional<Refusal> check_app_name(std::string_view name);
std::optional<Refusal> check_app_plan(const Settings& settings, const std::string& plan);
std::optional<Refusal> check_app_settings(const std::map<std::string, std::string>& overrides);

/// "did you mean shop?"
std::optional<std::string> meant_name(std::string_view typed, const std::vector<std::string>& names);

}  // namespace xion
