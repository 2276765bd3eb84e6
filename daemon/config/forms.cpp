#include "config/forms.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

namespace xion::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct HostPort {
  std::string_view host;
  std::uint32_t port = 0;
};

std::optional<HostPort> split(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  HostPort parts{text.substr(0, colon)};
  const std::string_view port = text.substr(colon + 1);
  const auto [end, trouble] = std::from_chars(port.data(), port.data() + port.size(), parts.port);
  if (trouble != std::errc{} || end != port.data() + port.size() || parts.port > 65'535) return std::nullopt;
  if (parts.host.starts_with('[')) {
    if (!parts.host.ends_with(']') || parts.host.size() < 4) return std::nullopt;
    parts.host = parts.host.substr(1, parts.host.size() - 2);
    const bool is_v6 = std::ranges::all_of(parts.host, [](char c) {
      return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' || c == '.' || c == '%';
    });
    return is_v6 ? std::optional(parts) : std::nullopt;
  }
  const bool is_host = std::ranges::all_of(
      parts.host, [](char c) { return is_digit(c) || is_letter(c) || c == '.' || c == '-' || c == '_'; });
  return is_host || parts.host == "*" ? std::optional(parts) : std::nullopt;
}

/// Of hosts: not this machine, a private network, a carrier's NAT or one link.
bool is_public_v4(std::uint32_t address) {
  constexpr struct {
    std::uint32_t network;
    int prefix;
  } others[] = {{0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},
                {0xA9FE0000, 16}, {0xAC100000, 12}, {0xC0A80000, 16}, {0xE0000000, 3}};
  return std::ranges::none_of(others,
                              [&](const auto& one) { return (address ^ one.network) >> (32 - one.prefix) == 0; });
}

}  // namespace

bool is_host_and_port(std::string_view text) {
  const auto parts = split(text);
  return parts && parts->port > 0 && parts->host != "*";
}

bool is_listen_address(std::string_view text) {
  if (text.starts_with("unix:")) return text.substr(5).starts_with('/');
  return split(text).has_value();
}

bool is_ip_literal(std::string_view text) {
  std::array<std::uint8_t, 16> octets{};
  const std::string terminated(text);
  return inet_pton(AF_INET, terminated.c_str(), octets.data()) == 1 ||
         inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1;
}

bool is_local(std::string_view listen_address) {
  if (listen_address.starts_with("unix:")) return true;
  const auto parts = split(listen_address);
  return parts && (parts->host.starts_with("127.") || parts->host == "::1" || parts->host == "localhost");
}

bool is_on_every_address(std::string_view listen_address) {
  const auto parts = split(listen_address);
  return parts && (parts->host == "*" || parts->host == "0.0.0.0" || parts->host == "::");
}

bool is_public(std::string_view host_and_port) {
  const auto parts = split(host_and_port);
  if (!parts) return false;
  const std::string host(parts->host);
  if (in_addr v4{}; inet_pton(AF_INET, host.c_str(), &v4) == 1) return is_public_v4(ntohl(v4.s_addr));
  if (in6_addr v6{}; inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    const bool is_global_unicast = (v6.s6_addr[0] & 0xE0) == 0x20;
    return is_global_unicast;
  }
  constexpr std::string_view private_domains[] = {".internal",  ".local", ".lan",     ".localdomain",
                                                  ".home.arpa", ".test",  ".invalid", ".localhost"};
  return host.contains('.') &&
         std::ranges::none_of(private_domains, [&](std::string_view domain) { return host.ends_with(domain); });
}

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 32 || !(is_digit(text[0]) || is_letter(text[0]))) return false;
  return std::ranges::all_of(text,
                             [](char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_number_prefix(std::string_view text) {
  return text.size() >= 2 && text.size() <= 16 && text[0] == '+' && is_all_digits(text.substr(1));
}

bool is_network(std::string_view text) { return (text.size() == 5 || text.size() == 6) && is_all_digits(text); }

bool is_all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

bool is_ascii(std::string_view text, std::size_t limit_octets) {
  return text.size() <= limit_octets && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace xion::config
