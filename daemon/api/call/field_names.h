#pragma once
#include <optional>
#include <span>
#include <string_view>

namespace xion {

/// Which of the `known` fields somebody means who wrote `name`: the one that other SMS APIs call so, else the one that
/// it is a typo of.
std::optional<std::string_view> meant_field(std::string_view name, std::span<const std::string_view> known);

}  // namespace xion
