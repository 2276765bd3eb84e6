#pragma once
#include <optional>
#include <string_view>

namespace xion {

/// The key of an `Authorization` header, one pair of matching quotes round it dropped. Nothing where the scheme is
/// another. Source: RFC 6750 §2.1; RFC 9110 §11.1 makes the scheme's case meaningless.
std::optional<std::string_view> bearer_key(std::string_view authorization);

}  // namespace xion
