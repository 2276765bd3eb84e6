#include "config/database_url.h"

#include <algorithm>

#include <fmt/format.h>

namespace xion::config::database_url {
namespace {

constexpr std::string_view url_scheme = "postgresql://";
constexpr std::string_view other_scheme = "postgres://";
constexpr std::size_t url_octets_max = 1'024;

/// Between the scheme and the path: `user:password@host:port,host:port`.
std::string_view authority_of(std::string_view url) {
  url.remove_prefix(std::min(url.size(), url_scheme.size()));
  return url.substr(0, url.find_first_of("/?"));
}

/// No network is between.
bool is_on_this_machine(std::string_view host) {
  return host.empty() || host.starts_with('/') || host.starts_with("%2F") || host == "localhost" ||
         host.starts_with("127.") || host.starts_with("[::1]");
}

}  // namespace

bool has_password(std::string_view text) {
  const std::string_view authority = authority_of(text);
  const auto at = authority.rfind('@');
  const bool is_in_user = at != std::string_view::npos && authority.substr(0, at).contains(':');
  return is_in_user || text.contains("?password=") || text.contains("&password=");
}

bool is_one_or_empty(std::string_view text) {
  return text.empty() ||
         (text.starts_with(url_scheme) && text.size() > url_scheme.size() && text.size() < url_octets_max &&
          text.find_first_of(" \"\\\n\t") == std::string_view::npos && !has_password(text));
}

std::string hint_for(std::string_view text) {
  if (text.starts_with(other_scheme)) return fmt::format("{}{}", url_scheme, text.substr(other_scheme.size()));
  if (text.starts_with(url_scheme) && has_password(text))
    return "the password goes into a file of its own: password_file";
  return "postgresql://xionid@db1.example.net,db2.example.net/xionid?sslmode=verify-full";
}

bool leads_away(std::string_view url) {
  std::string_view hosts = authority_of(url);
  hosts = hosts.substr(hosts.rfind('@') + 1);
  for (;;) {
    const auto comma = hosts.find(',');
    if (!is_on_this_machine(hosts.substr(0, comma))) return true;
    if (comma == std::string_view::npos) return false;
    hosts.remove_prefix(comma + 1);
  }
}

bool checks_server(std::string_view url) { return url.contains("sslmode=verify-full"); }

}  // namespace xion::config::database_url
