#include "app/owners/bearer_key.h"

#include <algorithm>

#include "base/trim.h"
#include "smpp/ascii.h"

namespace xion {

std::optional<std::string_view> bearer_key(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  authorization = trimmed(authorization);
  if (authorization.size() <= scheme.size()) return std::nullopt;
  if (!std::ranges::equal(authorization.substr(0, scheme.size()), scheme, {}, smpp::ascii::lower)) return std::nullopt;
  std::string_view key = trimmed(authorization.substr(scheme.size()));
  if (key.size() >= 2 && key.front() == key.back() && (key.front() == '"' || key.front() == '\'')) {
    key = key.substr(1, key.size() - 2);
  }
  return key;
}

}  // namespace xion
