#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "core/settings.h"

namespace xion {

/// Lays an app's overrides over the configuration. Unknown keys and values that don't parse: the sentence to tell.
AppPolicy policy_of(const Settings& settings, std::string_view plan,
                    const std::map<std::string, std::string>& overrides);
/// Nothing where `key = value` may be set for an app; else why not, as a sentence with what would be right.
std::optional<std::string> check_override(std::string_view key, std::string_view value);
/// What contradicts itself among an app's settings, each right alone: a sentence. Nothing: nothing does.
std::optional<std::string> check_overrides(const std::map<std::string, std::string>& overrides);
/// What holds for an app, by the names of the overrides: a member for each key that it may have its own of.
void write_policy(JsonWriter& json, const AppPolicy& policy);

}  // namespace xion
