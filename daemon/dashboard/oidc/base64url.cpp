#include "dashboard/oidc/base64url.h"

#include <cstdint>

namespace xion::oidc {
namespace {

constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encode(std::string_view octets, std::string_view characters) {
  std::string text;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : octets) {
    bits = (bits << 8U) | static_cast<std::uint8_t>(c);
    for (held += 8; held >= 6; held -= 6) text += characters[(bits >> (held - 6)) & 63U];
  }
  if (held > 0) text += characters[(bits << (6 - held)) & 63U];
  return text;
}

}  // namespace

std::string base64url(std::string_view octets) { return encode(octets, url_alphabet); }

std::string base64(std::string_view octets) {
  std::string text = encode(octets, alphabet);
  while (text.size() % 4 != 0) text += '=';
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string octets;
  octets.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const auto value = url_alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = ((bits << 6U) | static_cast<std::uint32_t>(value)) & 0xFFFFU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    octets += static_cast<char>((bits >> held) & 0xFFU);
  }
  if ((bits & ((1U << held) - 1U)) != 0) return std::nullopt;
  return octets;
}

}  // namespace xion::oidc
