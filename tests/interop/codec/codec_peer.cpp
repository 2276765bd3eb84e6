// Our codec as a filter, for a foreign one to talk to:
//   codec_peer write   prints `name hex` for each case
//   codec_peer read    reads hex lines, and prints what our decoder saw in each as one line of JSON
#include <cstdio>
#include <iostream>
#include <string>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "cases.h"
#include "smpp/decode.h"
#include "smpp/encode.h"

using namespace xion;
using namespace xion::smpp;

namespace {

int write_cases() {
  for (const auto& [name, pdu] : interop::cases()) {
    const auto octets = encode(pdu);
    if (!octets) {
      std::fprintf(stderr, "%s: %s\n", name.c_str(), std::string(encode_error_text(octets.error())).c_str());
      return 1;
    }
    std::cout << name << ' ' << hex(as_octets(*octets)) << '\n';
  }
  return 0;
}

std::string from_hex(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i + 2 <= line.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(std::string(line.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

/// Writes the fields under the spec's names; octets that need not be text as hexadecimal.
struct Fields {
  JsonWriter& json;

  void address(std::string_view ton, std::string_view npi, std::string_view digits, const Address& address) const {
    json.field(ton, int{address.ton}).field(npi, int{address.npi}).field(digits, address.digits);
  }
  void tlvs(const std::vector<Tlv>& all) const {
    json.key("tlvs").begin_object();
    for (const Tlv& tlv : all) json.field(tag_name(tlv.tag), hex(as_octets(tlv.value)));
    json.end_object();
  }
  void operator()(const Bind& bind) const {
    json.field("system_id", bind.system_id)
        .field("password", bind.password.reveal())
        .field("system_type", bind.system_type);
    json.field("interface_version", int{bind.interface_version});
    address("addr_ton", "addr_npi", "address_range", bind.address_range);
  }
  void operator()(const BindResp& resp) const {
    json.field("system_id", resp.system_id);
    tlvs(resp.tlvs);
  }
  void message(const Sm& sm) const {
    json.field("service_type", sm.service_type);
    address("source_addr_ton", "source_addr_npi", "source_addr", sm.source);
    address("dest_addr_ton", "dest_addr_npi", "destination_addr", sm.destination);
    json.field("esm_class", int{sm.esm_class}).field("protocol_id", int{sm.protocol_id});
    json.field("priority_flag", int{sm.priority_flag}).field("schedule_delivery_time", sm.schedule_delivery_time);
    json.field("validity_period", sm.validity_period).field("registered_delivery", int{sm.registered_delivery});
    json.field("replace_if_present_flag", int{sm.replace_if_present_flag}).field("data_coding", int{sm.data_coding});
    json.field("sm_default_msg_id", int{sm.sm_default_msg_id}).field("short_message", hex(as_octets(sm.short_message)));
    json.field("text", decode_text(sm.short_message, sm.data_coding, Alphabet::gsm7));
    tlvs(sm.tlvs);
  }
  void operator()(const SubmitSm& sm) const { message(sm); }
  void operator()(const DeliverSm& sm) const { message(sm); }
  void operator()(const SubmitSmResp& resp) const {
    json.field("message_id", resp.message_id);
    tlvs(resp.tlvs);
  }
  void operator()(const DeliverSmResp& resp) const {
    json.field("message_id", resp.message_id);
    tlvs(resp.tlvs);
  }
  void operator()(const Unknown& unknown) const { json.field("body", hex(as_octets(unknown.body))); }
  void operator()(const auto&) const {}
};

int read_lines() {
  for (std::string line; std::getline(std::cin, line);) {
    JsonWriter json;
    json.begin_object();
    if (const auto pdu = decode(from_hex(line))) {
      json.field("command", command_name(command_id(*pdu))).field("command_status", pdu->status);
      json.field("sequence_number", pdu->sequence).field("truncated", pdu->truncated);
      std::visit(Fields{json}, pdu->body);
    } else {
      json.field("error", decode_error_text(pdu.error()));
    }
    json.end_object();
    std::cout << json.str() << '\n';
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc == 2 ? argv[1] : "";
  if (mode == "write") return write_cases();
  if (mode == "read") return read_lines();
  std::fprintf(stderr, "usage: codec_peer write|read\n");
  return 2;
}
