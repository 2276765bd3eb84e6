#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/octets.h"
#include "smpp/tlv.h"

/// Extra TLVs of a submit_sm, as people write them and as records keep them.
namespace xion {

/// "0x1401" or "5121". Nothing where it is no tag: 1 to 65535.
std::optional<std::uint16_t> read_tlv_tag(std::string_view text);
/// Printable ASCII stands for itself, "hex:0A0B" for octets; 255 at most. Nothing where it is neither.
std::optional<std::string> read_tlv_value(std::string_view text);
std::string shown_tlv_tag(std::uint16_t tag);
std::string shown_tlv_value(std::string_view octets);

void write_tlvs(OctetWriter& out, const std::vector<smpp::Tlv>& tlvs);
std::vector<smpp::Tlv> read_tlvs(OctetReader& in);

}  // namespace xion
