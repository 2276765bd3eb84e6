#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xion::smpp::gsm {

/// Announces a character of the extension table. 3GPP TS 23.038 §6.2.1.
inline constexpr std::uint8_t escape = 0x1B;

/// The septets of one character: one, or `escape` and one.
struct Septets {
  std::uint8_t first = 0;
  std::optional<std::uint8_t> second;
  std::size_t count() const { return second ? 2 : 1; }
};
/// Nothing for characters outside the default alphabet and its extension.
std::optional<Septets> septets_of(char32_t code_point);

/// Appends UTF-8 for unpacked septets. An escape before a septet that the extension leaves free shows the character of
/// the default table, as §6.2.1.1 asks; octets above 127 show as U+FFFD.
void append_as_utf8(std::string& out, std::string_view septets);

/// Packs septets into octets, after `fill_bits` zero bits (0–6). Where seven bits are left over, CR fills them, so that
/// they are not read as `@`. 3GPP TS 23.038 §6.1.2.3.1. A text's own CR in that place is not doubled as for USSD: one
/// message of 160 would grow to 161, and all that is lost is an end of line at the end.
std::string packed(std::string_view septets, unsigned fill_bits = 0);
/// The septets of packed octets. A CR that ends an octet boundary is fill, and is left out.
std::string unpacked(std::string_view octets, unsigned fill_bits = 0);
/// Zero bits between a user data header and the first septet.
constexpr unsigned fill_bits_after(std::size_t udh_octets) {
  return static_cast<unsigned>((7 - udh_octets * 8 % 7) % 7);
}

}  // namespace xion::smpp::gsm
