#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace xion {

/// A path as routes are written: %-escapes decoded, slashes at the end dropped. Nothing where an escape is malformed or
/// hides a NUL, or a slash: that parts nothing.
std::optional<std::string> plain_path(std::string_view path);

/// Whether `path` is what `pattern` describes; `{id}` stands for one part without a slash, which goes to `id`.
bool path_matches(std::string_view pattern, std::string_view path, std::string& id);

}  // namespace xion
