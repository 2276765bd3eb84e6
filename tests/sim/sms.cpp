#include "sim/sms.h"

namespace xion::sim {
namespace {

std::uint8_t octet(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
}

/// Reads a concatenation header: 8-bit reference (00 03 ref total number) or 16-bit (08 04 ref ref total number).
/// Source: 3GPP TS 23.040 §9.2.3.24.1 and .8.
void read_header(std::string_view udh, Part& part) {
  if (octet(udh, 1) == 0x00) {
    part.reference = octet(udh, 3);
    part.total = octet(udh, 4);
    part.number = octet(udh, 5);
  } else if (octet(udh, 1) == 0x08) {
    part.reference = static_cast<std::uint16_t>(octet(udh, 3) << 8 | octet(udh, 4));
    part.total = octet(udh, 5);
    part.number = octet(udh, 6);
  }
}

std::uint16_t number_in(const smpp::Sm& sm, std::uint16_t tag, std::uint16_t otherwise) {
  const smpp::Tlv* tlv = smpp::find_tlv(sm.tlvs, tag);
  const auto number = tlv ? smpp::number_of(*tlv) : std::nullopt;
  return number ? static_cast<std::uint16_t>(*number) : otherwise;
}

}  // namespace

Part part_of(const smpp::Sm& sm, smpp::Alphabet default_alphabet) {
  Part part;
  part.reference = number_in(sm, smpp::tag::sar_msg_ref_num, 0);
  part.total = static_cast<std::uint8_t>(number_in(sm, smpp::tag::sar_total_segments, 1));
  part.number = static_cast<std::uint8_t>(number_in(sm, smpp::tag::sar_segment_seqnum, 1));
  const smpp::Tlv* payload = smpp::find_tlv(sm.tlvs, smpp::tag::message_payload);
  std::string_view octets = payload ? payload->value : sm.short_message;
  if ((sm.esm_class & smpp::esm_class_udhi) != 0) {
    const std::size_t header = std::size_t{octet(octets, 0)} + 1;
    read_header(octets.substr(0, header), part);
    octets.remove_prefix(std::min(header, octets.size()));
  }
  part.text = smpp::decode_text(octets, sm.data_coding, default_alphabet);
  return part;
}

std::optional<std::string> code_in(std::string_view text) {
  for (std::size_t at = text.find_first_of("0123456789"); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
    if (end - at >= 4 && end - at <= 10) return std::string(text.substr(at, end - at));
    at = text.find_first_of("0123456789", end);
  }
  return std::nullopt;
}

std::string e164_of(const smpp::Address& address) {
  return address.digits.starts_with('+') ? address.digits : "+" + address.digits;
}

std::optional<std::string> PartCollector::add(const std::string& phone, Part part) {
  if (part.total <= 1) return std::move(part.text);
  auto& parts = waiting_[{phone, part.reference, part.total}];
  parts[part.number] = std::move(part.text);
  if (parts.size() < part.total) return std::nullopt;
  std::string whole;
  for (const auto& [number, text] : parts) whole += text;
  waiting_.erase({phone, part.reference, part.total});
  return whole;
}

}  // namespace xion::sim
