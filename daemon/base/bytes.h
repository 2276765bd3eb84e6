#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace xion {

/// SHA-256 sized output of a keyed hash.
using Digest = std::array<std::uint8_t, 32>;
/// A keyed hash cut to 128 bits: names a phone or an address where 2^-64 collisions do no harm.
using Fingerprint = std::array<std::uint8_t, 16>;

inline std::string_view as_text(std::span<const std::uint8_t> octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}
inline std::span<const std::uint8_t> as_octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Lower-case hexadecimal.
std::string hex(std::span<const std::uint8_t> octets);
/// The other way round, in any case. Nothing where a character is no digit, or one is left over.
std::optional<std::string> from_hex(std::string_view text);

/// Crockford base32 in upper case, most significant bits first, no padding. 10 octets give 16 characters.
std::string crockford32(std::span<const std::uint8_t> octets);
/// Reads Crockford base32 (any case, I and L as 1, O as 0). Nothing where a character is foreign or bits are left over.
std::optional<std::string> from_crockford32(std::string_view text);

/// Compares without telling by its duration where the difference is. Lengths are not secret.
bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

}  // namespace xion
