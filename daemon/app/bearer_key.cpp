#include "app/bearer_key.h"

#include <algorithm>

namespace xion {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::optional<std::string_view> bearer_key(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  authorization = trimmed(authorization);
  if (authorization.size() <= scheme.size()) return std::nullopt;
  if (!std::ranges::equal(authorization.substr(0, scheme.size()), scheme, {}, lower_case)) return std::nullopt;
  std::string_view key = trimmed(authorization.substr(scheme.size()));
  if (key.size() >= 2 && key.front() == key.back() && (key.front() == '"' || key.front() == '\'')) {
    key = key.substr(1, key.size() - 2);
  }
  return key;
}

}  // namespace xion
