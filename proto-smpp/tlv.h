#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace xion::smpp {

/// An optional parameter as it travels: whatever the tag and whatever its octets.
struct Tlv {
  std::uint16_t tag = 0;
  std::string value{};
  bool operator==(const Tlv&) const = default;
};

/// Optional parameters that we send or read. SMPP 3.4 §5.3.2.
namespace tag {
inline constexpr std::uint16_t qos_time_to_live = 0x0017;
inline constexpr std::uint16_t payload_type = 0x0019;
inline constexpr std::uint16_t additional_status_info_text = 0x001D;
inline constexpr std::uint16_t receipted_message_id = 0x001E;
inline constexpr std::uint16_t privacy_indicator = 0x0201;
inline constexpr std::uint16_t user_message_reference = 0x0204;
inline constexpr std::uint16_t source_port = 0x020A;
inline constexpr std::uint16_t destination_port = 0x020B;
inline constexpr std::uint16_t sar_msg_ref_num = 0x020C;
inline constexpr std::uint16_t language_indicator = 0x020D;
inline constexpr std::uint16_t sar_total_segments = 0x020E;
inline constexpr std::uint16_t sar_segment_seqnum = 0x020F;
inline constexpr std::uint16_t sc_interface_version = 0x0210;
inline constexpr std::uint16_t network_error_code = 0x0423;
inline constexpr std::uint16_t message_payload = 0x0424;
inline constexpr std::uint16_t delivery_failure_reason = 0x0425;
inline constexpr std::uint16_t more_messages_to_send = 0x0426;
inline constexpr std::uint16_t message_state = 0x0427;
}  // namespace tag

/// `receipted_message_id`; `0x1400` for a tag that is not listed above.
std::string tag_name(std::uint16_t tag);

/// The first TLV of that tag, or null.
const Tlv* find_tlv(const std::vector<Tlv>& tlvs, std::uint16_t tag);
/// A TLV whose value is one octet, or two in network order.
Tlv octet_tlv(std::uint16_t tag, std::uint8_t value);
Tlv short_tlv(std::uint16_t tag, std::uint16_t value);
/// Reads 1–8 octets as a big-endian number; nothing for other lengths.
std::optional<std::uint64_t> number_of(const Tlv& tlv);

}  // namespace xion::smpp
