#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/secret.h"
#include "smpp/command.h"
#include "smpp/tlv.h"

namespace xion::smpp {

/// Type of number, numbering plan and the address itself (digits, or up to 11 letters where `ton` is 5).
struct Address {
  std::uint8_t ton = 0;
  std::uint8_t npi = 0;
  std::string digits{};
  bool operator==(const Address&) const = default;
};

enum class BindType { receiver, transmitter, transceiver };

struct Bind {
  BindType type = BindType::transceiver;
  std::string system_id{};
  Secret password{};
  std::string system_type{};
  std::uint8_t interface_version = 0x34;
  Address address_range{};
  bool operator==(const Bind&) const = default;
};

struct BindResp {
  BindType type = BindType::transceiver;
  std::string system_id{};
  std::vector<Tlv> tlvs{};
  bool operator==(const BindResp&) const = default;
};

/// The fields that submit_sm and deliver_sm share, in the spec's order and spelling. SMPP 3.4 §4.4.1, §4.6.1.
struct Sm {
  std::string service_type{};
  Address source{};
  Address destination{};
  std::uint8_t esm_class = 0;
  std::uint8_t protocol_id = 0;
  std::uint8_t priority_flag = 0;
  std::string schedule_delivery_time{};
  std::string validity_period{};
  std::uint8_t registered_delivery = 0;
  std::uint8_t replace_if_present_flag = 0;
  std::uint8_t data_coding = 0;
  std::uint8_t sm_default_msg_id = 0;
  /// At most 255 octets; the length octet on the wire follows from it.
  std::string short_message{};
  std::vector<Tlv> tlvs{};
  bool operator==(const Sm&) const = default;
};
struct SubmitSm : Sm {
  bool operator==(const SubmitSm&) const = default;
};
struct DeliverSm : Sm {
  bool operator==(const DeliverSm&) const = default;
};

/// Most of those fields in fewer octets: carriers send receipts by it, too. The text is in message_payload; what it has
/// no room for is empty. SMPP 3.4 §4.7.1.
struct DataSm : Sm {
  bool operator==(const DataSm&) const = default;
};

struct SubmitSmResp {
  std::string message_id{};
  std::vector<Tlv> tlvs{};
  bool operator==(const SubmitSmResp&) const = default;
};
struct DeliverSmResp {
  std::string message_id{};
  std::vector<Tlv> tlvs{};
  bool operator==(const DeliverSmResp&) const = default;
};

struct DataSmResp {
  std::string message_id{};
  std::vector<Tlv> tlvs{};
  bool operator==(const DataSmResp&) const = default;
};

struct Unbind {
  bool operator==(const Unbind&) const = default;
};
struct UnbindResp {
  bool operator==(const UnbindResp&) const = default;
};
struct EnquireLink {
  bool operator==(const EnquireLink&) const = default;
};
struct EnquireLinkResp {
  bool operator==(const EnquireLinkResp&) const = default;
};
struct GenericNack {
  bool operator==(const GenericNack&) const = default;
};

/// Any command of which we need no fields (query_sm, a vendor's own): still a value, with its octets.
struct Unknown {
  std::uint32_t command_id = 0;
  std::string body{};
  bool operator==(const Unknown&) const = default;
};

using Body = std::variant<Bind, BindResp, SubmitSm, SubmitSmResp, DeliverSm, DeliverSmResp, DataSm, DataSmResp, Unbind,
                          UnbindResp, EnquireLink, EnquireLinkResp, GenericNack, Unknown>;

struct Pdu {
  std::uint32_t status = 0;
  std::uint32_t sequence = 0;
  Body body;
  /// The decoder found less than the lengths inside promised, and kept what was there. Never sent.
  bool truncated = false;
  bool operator==(const Pdu&) const = default;
};

std::uint32_t command_id(const Body& body);
inline std::uint32_t command_id(const Pdu& pdu) { return command_id(pdu.body); }
inline bool is_response(std::uint32_t command_id) { return (command_id & response_bit) != 0; }

/// One line for a trace, with the field names of Wireshark's dissector less their `smpp.`. Passwords and message text
/// are left out, and of a phone number only the last three digits are shown.
std::string describe(const Pdu& pdu);

}  // namespace xion::smpp
