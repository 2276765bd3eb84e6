#include "smpp/decode.h"

#include <optional>

#include "smpp/framer.h"

namespace xion::smpp {
namespace {

/// Walks over a body and never past its end. What is missing reads as zero or empty, and is remembered.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}

  std::uint8_t u8() {
    if (in_.empty()) {
      is_short_ = true;
      return 0;
    }
    const auto octet = static_cast<std::uint8_t>(in_.front());
    in_.remove_prefix(1);
    return octet;
  }
  std::uint16_t u16() {
    const auto high = static_cast<std::uint16_t>(u8() << 8);
    return static_cast<std::uint16_t>(high | u8());
  }
  std::string_view c_octet_string() {
    if (in_.empty()) {
      is_short_ = true;
      return {};
    }
    const std::size_t end = in_.find('\0');
    if (end == std::string_view::npos) {
      is_unterminated_ = true;
      return rest();
    }
    const std::string_view text = in_.substr(0, end);
    in_.remove_prefix(end + 1);
    return text;
  }
  /// `length` octets, or what there is of them.
  std::string_view octets(std::size_t length) {
    if (length > in_.size()) {
      is_short_ = true;
      return rest();
    }
    const std::string_view part = in_.substr(0, length);
    in_.remove_prefix(length);
    return part;
  }
  std::string_view rest() {
    const std::string_view part = in_;
    in_ = {};
    return part;
  }
  std::size_t left() const { return in_.size(); }
  bool is_short() const { return is_short_; }
  bool is_unterminated() const { return is_unterminated_; }

 private:
  std::string_view in_;
  bool is_short_ = false;
  bool is_unterminated_ = false;
};

/// Reads TLVs to the end; true where all of them were whole.
bool read_tlvs(Reader& reader, std::vector<Tlv>& tlvs) {
  while (reader.left() >= 4) {
    const std::uint16_t tag = reader.u16();
    const std::size_t length = reader.u16();
    if (length > reader.left()) return false;
    tlvs.push_back({tag, std::string(reader.octets(length))});
  }
  return reader.left() == 0;
}

void read_address(Reader& reader, Address& address) {
  address.ton = reader.u8();
  address.npi = reader.u8();
  address.digits = reader.c_octet_string();
}

std::optional<DecodeError> read_sm(Reader& reader, Sm& sm, bool& truncated) {
  sm.service_type = reader.c_octet_string();
  read_address(reader, sm.source);
  read_address(reader, sm.destination);
  if (reader.is_short()) return DecodeError::body_too_short;
  sm.esm_class = reader.u8();
  sm.protocol_id = reader.u8();
  sm.priority_flag = reader.u8();
  sm.schedule_delivery_time = reader.c_octet_string();
  sm.validity_period = reader.c_octet_string();
  sm.registered_delivery = reader.u8();
  sm.replace_if_present_flag = reader.u8();
  sm.data_coding = reader.u8();
  sm.sm_default_msg_id = reader.u8();
  const std::size_t sm_length = reader.u8();
  sm.short_message = reader.octets(sm_length);
  if (reader.is_unterminated()) return DecodeError::unterminated_string;
  const bool is_whole = read_tlvs(reader, sm.tlvs);
  truncated = reader.is_short() || !is_whole;
  return std::nullopt;
}

std::optional<DecodeError> read_data_sm(Reader& reader, DataSm& sm, bool& truncated) {
  sm.service_type = reader.c_octet_string();
  read_address(reader, sm.source);
  read_address(reader, sm.destination);
  if (reader.is_short()) return DecodeError::body_too_short;
  sm.esm_class = reader.u8();
  sm.registered_delivery = reader.u8();
  sm.data_coding = reader.u8();
  if (reader.is_unterminated()) return DecodeError::unterminated_string;
  const bool is_whole = read_tlvs(reader, sm.tlvs);
  truncated = reader.is_short() || !is_whole;
  return std::nullopt;
}

std::optional<DecodeError> read_bind(Reader& reader, Bind& bind, bool& truncated) {
  bind.system_id = reader.c_octet_string();
  bind.password = Secret(std::string(reader.c_octet_string()));
  if (reader.is_short()) return DecodeError::body_too_short;
  bind.system_type = reader.c_octet_string();
  bind.interface_version = reader.u8();
  read_address(reader, bind.address_range);
  if (reader.is_unterminated()) return DecodeError::unterminated_string;
  truncated = reader.is_short();
  return std::nullopt;
}

/// A response's one string and its TLVs. Any part may be missing, whatever the status.
void read_response(Reader& reader, std::string& text, std::vector<Tlv>& tlvs, bool& truncated) {
  if (reader.left() == 0) return;
  text = reader.c_octet_string();
  const bool is_whole = read_tlvs(reader, tlvs);
  truncated = reader.is_unterminated() || !is_whole;
}

std::optional<DecodeError> read_body(CommandId id, Reader& reader, Pdu& pdu) {
  const auto bind = [&](BindType type) {
    auto& body = pdu.body.emplace<Bind>();
    body.type = type;
    return read_bind(reader, body, pdu.truncated);
  };
  const auto bind_resp = [&](BindType type) -> std::optional<DecodeError> {
    auto& body = pdu.body.emplace<BindResp>();
    body.type = type;
    read_response(reader, body.system_id, body.tlvs, pdu.truncated);
    return std::nullopt;
  };
  const auto resp = [&](auto& body) -> std::optional<DecodeError> {
    read_response(reader, body.message_id, body.tlvs, pdu.truncated);
    return std::nullopt;
  };
  switch (id) {
    case CommandId::bind_receiver: return bind(BindType::receiver);
    case CommandId::bind_transmitter: return bind(BindType::transmitter);
    case CommandId::bind_transceiver: return bind(BindType::transceiver);
    case CommandId::bind_receiver_resp: return bind_resp(BindType::receiver);
    case CommandId::bind_transmitter_resp: return bind_resp(BindType::transmitter);
    case CommandId::bind_transceiver_resp: return bind_resp(BindType::transceiver);
    case CommandId::submit_sm: return read_sm(reader, pdu.body.emplace<SubmitSm>(), pdu.truncated);
    case CommandId::deliver_sm: return read_sm(reader, pdu.body.emplace<DeliverSm>(), pdu.truncated);
    case CommandId::submit_sm_resp: return resp(pdu.body.emplace<SubmitSmResp>());
    case CommandId::deliver_sm_resp: return resp(pdu.body.emplace<DeliverSmResp>());
    case CommandId::data_sm: return read_data_sm(reader, pdu.body.emplace<DataSm>(), pdu.truncated);
    case CommandId::data_sm_resp: return resp(pdu.body.emplace<DataSmResp>());
    case CommandId::unbind: pdu.body.emplace<Unbind>(); return std::nullopt;
    case CommandId::unbind_resp: pdu.body.emplace<UnbindResp>(); return std::nullopt;
    case CommandId::enquire_link: pdu.body.emplace<EnquireLink>(); return std::nullopt;
    case CommandId::enquire_link_resp: pdu.body.emplace<EnquireLinkResp>(); return std::nullopt;
    case CommandId::generic_nack: pdu.body.emplace<GenericNack>(); return std::nullopt;
    case CommandId::query_sm:
    case CommandId::query_sm_resp:
    case CommandId::replace_sm:
    case CommandId::replace_sm_resp:
    case CommandId::cancel_sm:
    case CommandId::cancel_sm_resp:
    case CommandId::outbind:
    case CommandId::submit_multi:
    case CommandId::submit_multi_resp:
    case CommandId::alert_notification: break;
  }
  // Also for numbers that the enum does not name, which is what a carrier's own commands are.
  pdu.body.emplace<Unknown>(static_cast<std::uint32_t>(id), std::string(reader.rest()));
  return std::nullopt;
}

std::uint32_t u32(Reader& reader) {
  const std::uint32_t high = reader.u16();
  return high << 16 | reader.u16();
}

}  // namespace

std::string_view decode_error_text(DecodeError error) {
  switch (error) {
    case DecodeError::shorter_than_header: return "shorter_than_header";
    case DecodeError::length_mismatch: return "length_mismatch";
    case DecodeError::unterminated_string: return "unterminated_string";
    case DecodeError::body_too_short: return "body_too_short";
  }
  return "";
}

std::expected<Header, DecodeError> decode_header(std::string_view octets) {
  if (octets.size() < header_octets) return std::unexpected(DecodeError::shorter_than_header);
  Reader reader(octets.substr(0, header_octets));
  Header header;
  header.command_length = u32(reader);
  header.command_id = u32(reader);
  header.command_status = u32(reader);
  header.sequence_number = u32(reader);
  return header;
}

std::expected<Pdu, DecodeError> decode(std::string_view whole_pdu) {
  const auto header = decode_header(whole_pdu);
  if (!header) return std::unexpected(header.error());
  if (header->command_length != whole_pdu.size()) return std::unexpected(DecodeError::length_mismatch);
  std::expected<Pdu, DecodeError> result;
  Pdu& pdu = *result;
  pdu.status = header->command_status;
  pdu.sequence = header->sequence_number;
  Reader reader(whole_pdu.substr(header_octets));
  const auto error = read_body(static_cast<CommandId>(header->command_id), reader, pdu);
  if (error) result = std::unexpected(*error);
  return result;
}

}  // namespace xion::smpp
