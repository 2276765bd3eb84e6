#include "config/forms.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>

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

namespace {

/// The same for both sides; `example_port` is the usual one there.
std::string hint_for_address(std::string_view text, std::string_view example_host, std::string_view example_port) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos)
    return fmt::format("write it without \"{}\"", text.substr(0, scheme + 3));
  if (text.empty()) return fmt::format("such as \"{}:{}\"", example_host, example_port);
  if (text.find_first_of(" \t") != std::string_view::npos) return "there is a blank in it";
  if (is_all_digits(text)) return fmt::format("the host is missing: \"{}:{}\"", example_host, text);
  if (is_ip_literal(text) && text.find(':') != std::string_view::npos)
    return fmt::format("an IPv6 address stands in brackets, and the port behind them: \"[{}]:{}\"", text, example_port);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || text.ends_with(']'))
    return fmt::format("the port is missing, 1–65535: \"{}:{}\"", text, example_port);
  if (colon == 0) return fmt::format("the host is missing: \"{}{}\"", example_host, text);
  const std::string_view host = text.substr(0, colon), port = text.substr(colon + 1);
  if (port.empty()) return fmt::format("the port is missing, 1–65535: \"{}{}\"", text, example_port);
  if (!split(text) && split(fmt::format("{}:1", host))) return "the port is a number, 1–65535";
  if (host.find(':') != std::string_view::npos && !host.starts_with('['))
    return fmt::format("an IPv6 address stands in brackets: \"[{}]:{}\"", host, port);
  return {};
}

}  // namespace

std::string hint_for_host_and_port(std::string_view text) {
  if (text.starts_with("unix:")) return "an SMSC is reached by TCP: a host and its port";
  if (text.ends_with(":0")) return "the port is a number, 1–65535";
  return hint_for_address(text, "smsc.example.net", "2775");
}

std::string hint_for_listen_address(std::string_view text) {
  if (text.starts_with("unix:")) return "the path is absolute: \"unix:/run/xionid/api.sock\"";
  if (text.starts_with('/')) return fmt::format("a socket's path stands behind unix: \"unix:{}\"", text);
  return hint_for_address(text, "127.0.0.1", "8080");
}

std::string hint_for_number_prefix(std::string_view text) {
  std::string digits;
  for (const char c : text.starts_with("00") ? text.substr(2) : text) {
    if (is_digit(c)) digits.push_back(c);
  }
  return digits.empty() || digits.size() > 15 ? std::string() : fmt::format("write \"+{}\"", digits);
}

std::string hint_for_country(std::string_view text) {
  if (const std::string meant = country_meant_by(text); !meant.empty()) return fmt::format("write \"{}\"", meant);
  return text.size() == 2 ? fmt::format("no country has the code {}", text) : std::string();
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

bool is_node_name(std::string_view text) {
  const auto is_of_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_';
  };
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, is_of_name);
}

bool is_network(std::string_view text) { return (text.size() == 5 || text.size() == 6) && is_all_digits(text); }

bool is_all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

bool is_ascii(std::string_view text, std::size_t limit_octets) {
  return text.size() <= limit_octets && std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace xion::config
