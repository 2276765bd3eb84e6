#include "core/owners/provider_url.h"

#include <algorithm>
#include <cstddef>

namespace xion {
namespace {

constexpr std::size_t provider_url_octets_max = 2'048;

}  // namespace

bool is_provider_url(std::string_view url) {
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || url.size() > provider_url_octets_max) return false;
  const bool is_plain = std::ranges::all_of(url, [](char c) {
    return c > ' ' && c < 0x7F && std::string_view("\"<>\\^`{|}#").find(c) == std::string_view::npos;
  });
  if (!is_plain) return false;
  const std::string_view rest = url.substr(scheme);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.empty() || authority.starts_with(':') || authority.contains('@')) return false;
  if (scheme == 8) return true;
  const std::size_t colon = authority.starts_with('[') ? authority.find(':', authority.find(']')) : authority.find(':');
  const std::string_view host = authority.substr(0, colon);
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

}  // namespace xion
