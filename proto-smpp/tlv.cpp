#include "smpp/tlv.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace xion::smpp {
namespace {

using TagName = std::pair<std::uint16_t, std::string_view>;

constexpr TagName tag_names[] = {
    {tag::qos_time_to_live, "qos_time_to_live"},
    {tag::payload_type, "payload_type"},
    {tag::additional_status_info_text, "additional_status_info_text"},
    {tag::receipted_message_id, "receipted_message_id"},
    {tag::privacy_indicator, "privacy_indicator"},
    {tag::user_message_reference, "user_message_reference"},
    {tag::source_port, "source_port"},
    {tag::destination_port, "destination_port"},
    {tag::sar_msg_ref_num, "sar_msg_ref_num"},
    {tag::language_indicator, "language_indicator"},
    {tag::sar_total_segments, "sar_total_segments"},
    {tag::sar_segment_seqnum, "sar_segment_seqnum"},
    {tag::sc_interface_version, "sc_interface_version"},
    {tag::network_error_code, "network_error_code"},
    {tag::message_payload, "message_payload"},
    {tag::delivery_failure_reason, "delivery_failure_reason"},
    {tag::more_messages_to_send, "more_messages_to_send"},
    {tag::message_state, "message_state"},
};

}  // namespace

std::string tag_name(std::uint16_t tag) {
  const auto* row = std::ranges::find(tag_names, tag, &TagName::first);
  return row == std::end(tag_names) ? fmt::format("0x{:04X}", tag) : std::string(row->second);
}

const Tlv* find_tlv(const std::vector<Tlv>& tlvs, std::uint16_t tag) {
  const auto found = std::ranges::find(tlvs, tag, &Tlv::tag);
  return found == tlvs.end() ? nullptr : &*found;
}

Tlv octet_tlv(std::uint16_t tag, std::uint8_t value) { return {tag, std::string(1, static_cast<char>(value))}; }

Tlv short_tlv(std::uint16_t tag, std::uint16_t value) {
  return {tag, {static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)}};
}

std::optional<std::uint64_t> number_of(const Tlv& tlv) {
  if (tlv.value.empty() || tlv.value.size() > 8) return std::nullopt;
  std::uint64_t number = 0;
  for (const char octet : tlv.value) number = number << 8 | static_cast<std::uint8_t>(octet);
  return number;
}

}  // namespace xion::smpp
