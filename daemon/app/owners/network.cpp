#include "app/owners/network.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace xion {
namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool is_v4(const IpAddress& address) { return std::ranges::equal(std::span(address).first<12>(), v4_prefix); }

/// Its first octets, all others 0.
IpAddress cut(IpAddress address, std::ptrdiff_t octets) {
  std::fill(address.begin() + octets, address.end(), std::uint8_t{0});
  return address;
}

bool bit(const IpAddress& address, unsigned at) { return (address[at / 8] >> (7 - at % 8) & 1) != 0; }

}  // namespace

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size()) return std::nullopt;
  std::ranges::copy(text, terminated.begin());
  IpAddress address{};
  if (inet_pton(AF_INET6, terminated.data(), address.data()) == 1) return address;
  std::ranges::copy(v4_prefix, address.begin());
  if (inet_pton(AF_INET, terminated.data(), address.data() + v4_prefix.size()) == 1) return address;
  return std::nullopt;
}

std::string to_string(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (is_v4(address)) {
    inet_ntop(AF_INET, address.data() + v4_prefix.size(), text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  }
  return text.data();
}

IpAddress end_user_of(const IpAddress& address) { return is_v4(address) ? address : cut(address, 8); }

std::optional<IpAddress> end_user_net_of(const IpAddress& address) {
  return is_v4(address) ? std::nullopt : std::optional(cut(address, 6));
}

bool Network::contains(const IpAddress& other) const {
  const std::size_t whole = prefix_bits / 8;
  if (!std::equal(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(whole), other.begin())) return false;
  for (unsigned at = static_cast<unsigned>(whole) * 8; at < prefix_bits; ++at) {
    if (bit(address, at) != bit(other, at)) return false;
  }
  return true;
}

std::optional<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_ip_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  Network network{*address};
  if (slash == std::string_view::npos) return network;

  const auto length = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
  const bool is_v4_text = text.find(':') == std::string_view::npos;
  if (error != std::errc{} || end != length.data() + length.size() || bits > (is_v4_text ? 32U : 128U))
    return std::nullopt;
  network.prefix_bits = is_v4_text ? bits + 96 : bits;
  for (unsigned at = network.prefix_bits; at < 128; ++at) {
    if (bit(network.address, at)) return std::nullopt;
  }
  return network;
}

}  // namespace xion
