#pragma once
#include <string>

#include <fmt/format.h>

#include "core/owners/app.h"

namespace xion::control {

/// Where the auth server calls whose key this is; below `[dashboard] url` or wherever the API is reached.
inline std::string hook_path(const ApiKey& key) { return fmt::format("/v1/hooks/{}?key={}", key.hook, key.id); }

}  // namespace xion::control
