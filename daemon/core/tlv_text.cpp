#include "core/tlv_text.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace xion {
namespace {

constexpr std::size_t value_octets_max = 255;
constexpr std::string_view hexadecimal = "hex:";

bool is_printable_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

template <typename Number>
std::optional<Number> number_in(std::string_view digits, int base) {
  Number number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::uint16_t> read_tlv_tag(std::string_view text) {
  const bool is_hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  const auto tag = number_in<std::uint16_t>(text.substr(is_hexadecimal ? 2 : 0), is_hexadecimal ? 16 : 10);
  return tag && *tag != 0 ? tag : std::nullopt;
}

std::optional<std::string> read_tlv_value(std::string_view text) {
  if (!text.starts_with(hexadecimal)) {
    const bool is_right = text.size() <= value_octets_max && is_printable_ascii(text);
    return is_right ? std::optional(std::string(text)) : std::nullopt;
  }
  text.remove_prefix(hexadecimal.size());
  if (text.size() % 2 != 0 || text.size() > 2 * value_octets_max) return std::nullopt;
  std::string octets;
  for (; !text.empty(); text.remove_prefix(2)) {
    const auto octet = number_in<std::uint8_t>(text.substr(0, 2), 16);
    if (!octet) return std::nullopt;
    octets.push_back(static_cast<char>(*octet));
  }
  return octets;
}

std::string shown_tlv_tag(std::uint16_t tag) { return fmt::format("0x{:04X}", tag); }

std::string shown_tlv_value(std::string_view octets) {
  if (is_printable_ascii(octets) && !octets.starts_with(hexadecimal)) return std::string(octets);
  std::string shown(hexadecimal);
  for (const char octet : octets) shown += fmt::format("{:02X}", static_cast<unsigned char>(octet));
  return shown;
}

void write_tlvs(OctetWriter& out, const std::vector<smpp::Tlv>& tlvs) {
  out.varint(tlvs.size());
  for (const smpp::Tlv& tlv : tlvs) {
    out.varint(tlv.tag);
    out.text(tlv.value);
  }
}

std::vector<smpp::Tlv> read_tlvs(OctetReader& in) {
  std::vector<smpp::Tlv> tlvs;
  for (std::uint64_t left = in.varint(); left > 0 && !in.failed(); --left) {
    const auto tag = static_cast<std::uint16_t>(in.varint());
    tlvs.push_back({tag, std::string(in.text())});
  }
  return tlvs;
}

}  // namespace xion
