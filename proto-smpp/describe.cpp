// What a trace shows of a PDU. What must not be logged is left out here, whatever the caller does.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/visible.h"
#include "smpp/pdu_fields.h"
#include "smpp/receipt.h"

namespace xion::smpp {
namespace {

/// Numbers of at least this many digits are somebody's phone; shorter ones are short codes.
constexpr std::size_t phone_digits_min = 7;
constexpr std::size_t shown_digits = 3;
/// A line gets no further field once it is so long: a PDU may have thousands of TLVs.
constexpr std::size_t line_octets = 2048;

class Fields {
 public:
  explicit Fields(Phones phones) : phones_(phones) {}
  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) fields_.push_back({std::string(name), std::string(value)});
  }
  void number(std::string_view name, unsigned value) {
    if (value != 0) text(name, fmt::format("{}", value));
  }
  void hexadecimal(std::string_view name, unsigned value) {
    if (value != 0) text(name, fmt::format("0x{:02x}", value));
  }
  void hidden(std::string_view name, std::size_t octets) {
    if (octets != 0) fields_.push_back({std::string(name), fmt::format("[{} octets]", octets), true});
  }
  void address(std::string_view name, const Address& address, bool always_masked) {
    const std::string& digits = address.digits;
    const bool is_phone = digits.size() >= phone_digits_min &&
                          std::ranges::all_of(digits, [](char c) { return (c >= '0' && c <= '9') || c == '+'; });
    const bool is_masked = phones_ == Phones::masked && digits.size() > shown_digits && (is_phone || always_masked);
    text(name, is_masked ? fmt::format("…{}", digits.substr(digits.size() - shown_digits)) : digits);
  }
  std::vector<PduField> take() { return std::move(fields_); }

 private:
  Phones phones_;
  std::vector<PduField> fields_;
};

void describe_tlv(Fields& line, const Tlv& tlv) {
  switch (tlv.tag) {
    case tag::receipted_message_id: {
      const std::string_view value = tlv.value;
      return line.text(tag_name(tlv.tag), value.substr(0, value.find('\0')));
    }
    case tag::message_state:
    case tag::sc_interface_version:
    case tag::network_error_code:
    case tag::user_message_reference:
    case tag::sar_msg_ref_num:
    case tag::sar_total_segments:
    case tag::sar_segment_seqnum:
      if (const auto value = number_of(tlv); value && tlv.value.size() <= 4) {
        return line.text(tag_name(tlv.tag), fmt::format("{}", *value));
      }
      break;
    default: break;  // any other value may hold text or a number
  }
  line.hidden(tag_name(tlv.tag), std::max<std::size_t>(tlv.value.size(), 1));
}

void describe_tlvs(Fields& line, const std::vector<Tlv>& tlvs) {
  for (const Tlv& tlv : tlvs) describe_tlv(line, tlv);
}

/// In what we send, tags of the SMSC's vendor hold what the configuration and templates say: ids of registers, not
/// texts. SMPP 3.4 §5.3.2: 0x1400–0x3FFF.
bool is_of_vendor(const Tlv& tlv) { return tlv.tag >= 0x1400 && tlv.tag <= 0x3FFF; }

std::string value_of_vendor(std::string_view value) {
  const bool is_text = std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
  if (is_text) return std::string(value);
  std::string shown = "0x";
  for (const char octet : value) fmt::format_to(std::back_inserter(shown), "{:02x}", static_cast<unsigned char>(octet));
  return shown;
}

struct Describe {
  Fields& line;

  void operator()(const Bind& bind) const {
    line.text("system_id", bind.system_id);
    line.text("system_type", bind.system_type);
    line.hexadecimal("interface_version", bind.interface_version);
    line.text("address_range", bind.address_range.digits);
  }
  void operator()(const BindResp& resp) const {
    line.text("system_id", resp.system_id);
    describe_tlvs(line, resp.tlvs);
  }
  void sm(const Sm& sm, bool is_source_masked, bool is_destination_masked) const {
    line.text("service_type", sm.service_type);
    line.number("source_addr_ton", sm.source.ton);
    line.number("source_addr_npi", sm.source.npi);
    line.address("source_addr", sm.source, is_source_masked);
    line.number("dest_addr_ton", sm.destination.ton);
    line.number("dest_addr_npi", sm.destination.npi);
    line.address("destination_addr", sm.destination, is_destination_masked);
    line.hexadecimal("esm_class", sm.esm_class);
    line.number("protocol_id", sm.protocol_id);
    line.number("priority_flag", sm.priority_flag);
    line.text("schedule_delivery_time", sm.schedule_delivery_time);
    line.text("validity_period", sm.validity_period);
    line.hexadecimal("registered_delivery", sm.registered_delivery);
    line.number("replace_if_present_flag", sm.replace_if_present_flag);
    line.number("data_coding", sm.data_coding);
    line.number("sm_default_msg_id", sm.sm_default_msg_id);
    line.hidden("message", sm.short_message.size());
  }
  void operator()(const SubmitSm& submit) const {
    sm(submit, false, true);
    for (const Tlv& tlv : submit.tlvs) {
      if (is_of_vendor(tlv))
        line.text(tag_name(tlv.tag), value_of_vendor(tlv.value));
      else
        describe_tlv(line, tlv);
    }
  }
  // In what a carrier brings the phone is the source, or with some the destination.
  void operator()(const DeliverSm& deliver) const { brought(deliver); }
  void operator()(const DataSm& data) const { brought(data); }
  void brought(const Sm& message) const {
    sm(message, true, true);
    describe_tlvs(line, message.tlvs);
    const bool has_text = !message.short_message.empty() || find_tlv(message.tlvs, tag::message_payload) != nullptr;
    const auto receipt = has_text ? parse_receipt(message) : std::nullopt;
    if (!receipt) return;
    line.text("receipt.id", receipt->message_id);
    line.text("receipt.stat", receipt->state_word);
    line.text("receipt.err", receipt->error);
  }
  void operator()(const SubmitSmResp& resp) const {
    line.text("message_id", resp.message_id);
    describe_tlvs(line, resp.tlvs);
  }
  void operator()(const DeliverSmResp& resp) const {
    line.text("message_id", resp.message_id);
    describe_tlvs(line, resp.tlvs);
  }
  void operator()(const DataSmResp& resp) const {
    line.text("message_id", resp.message_id);
    describe_tlvs(line, resp.tlvs);
  }
  void operator()(const Unknown& unknown) const { line.hidden("body", unknown.body.size()); }
  void operator()(const Unbind&) const {}
  void operator()(const UnbindResp&) const {}
  void operator()(const EnquireLink&) const {}
  void operator()(const EnquireLinkResp&) const {}
  void operator()(const GenericNack&) const {}
};

}  // namespace

std::vector<PduField> fields_of(const Pdu& pdu, Phones phones) {
  const std::uint32_t id = command_id(pdu);
  Fields fields(phones);
  fields.text("command_id", command_name(id));
  fields.text("sequence_number", fmt::format("{}", pdu.sequence));
  if (is_response(id) || pdu.status != status::ok) fields.text("command_status", status_name(pdu.status));
  std::visit(Describe{fields}, pdu.body);
  if (pdu.truncated) fields.text("truncated", "true");
  return fields.take();
}

std::string describe(const Pdu& pdu) {
  std::string line;
  std::size_t left_out = 0;
  for (const PduField& field : fields_of(pdu)) {
    if (line.size() > line_octets) {
      ++left_out;
      continue;
    }
    if (!line.empty()) line.push_back(' ');
    line.append(field.name).push_back('=');
    if (field.is_remark)
      line.append(field.value);
    else
      append_log_value(line, field.value);
  }
  if (left_out > 0) fmt::format_to(std::back_inserter(line), " fields_left_out={}", left_out);
  return line;
}

}  // namespace xion::smpp
