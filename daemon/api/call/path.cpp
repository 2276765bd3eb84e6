#include "api/call/path.h"

#include <charconv>

namespace xion {

std::optional<std::string> plain_path(std::string_view path) {
  std::string plain;
  plain.reserve(path.size());
  for (std::size_t at = 0; at < path.size(); ++at) {
    if (path[at] != '%') {
      plain.push_back(path[at]);
      continue;
    }
    if (path.size() - at < 3) return std::nullopt;
    unsigned char octet = 0;
    const char* digits = path.data() + at + 1;
    const auto [end, error] = std::from_chars(digits, digits + 2, octet, 16);
    if (error != std::errc{} || end != digits + 2 || octet == 0 || octet == '/') return std::nullopt;
    plain.push_back(static_cast<char>(octet));
    at += 2;
  }
  while (plain.size() > 1 && plain.back() == '/') plain.pop_back();
  return plain;
}

bool path_matches(std::string_view pattern, std::string_view path, std::string& id) {
  constexpr std::string_view placeholder = "{id}";
  const auto at = pattern.find(placeholder);
  if (at == std::string_view::npos) return pattern == path;
  const auto before = pattern.substr(0, at);
  const auto after = pattern.substr(at + placeholder.size());
  if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after)) return false;
  const auto part = path.substr(before.size(), path.size() - before.size() - after.size());
  if (part.find('/') != std::string_view::npos) return false;
  id.assign(part);
  return true;
}

}  // namespace xion
