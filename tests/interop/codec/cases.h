#pragma once
#include <string>
#include <vector>

#include "smpp/pdu.h"
#include "smpp/receipt.h"
#include "smpp/text.h"

namespace xion::interop {

/// One PDU under a name by which the scripts know what it holds.
struct Case {
  std::string name;
  smpp::Pdu pdu;
};

/// Every kind of PDU that either role of ours sends, in every shape that the encoder treats in its own way.
inline std::vector<Case> cases() {
  using namespace smpp;
  using namespace std::string_literals;
  std::vector<Case> all;
  std::uint32_t sequence = 0;
  const auto add = [&](std::string name, Body body, std::uint32_t told = status::ok) {
    all.push_back({std::move(name), {.status = told, .sequence = ++sequence, .body = std::move(body)}});
  };
  const auto submit = [] {
    SubmitSm sm;
    sm.service_type = "CMT";
    sm.source = {5, 0, "XionID"};
    sm.destination = {1, 1, "4915112345678"};
    sm.priority_flag = 1;
    sm.registered_delivery = 1;
    return sm;
  };
  const auto add_text = [&](std::string_view name, std::string_view text, Concat concat) {
    const EncodedText encoded = encode_text(text, Alphabet::gsm7, concat, 0x1234, false);
    int number = 0;
    for (const Segment& segment : encoded.segments) {
      SubmitSm sm = submit();
      sm.data_coding = encoded.data_coding;
      sm.esm_class = segment.udh_octets > 0 ? esm_class_udhi : 0;
      sm.short_message = segment.short_message;
      sm.tlvs = segment.tlvs;
      add(std::string(name) + "_" + std::to_string(++number), sm);
    }
  };

  for (const auto& [name, type] : {std::pair{"bind_receiver", BindType::receiver},
                                   {"bind_transmitter", BindType::transmitter},
                                   {"bind_transceiver", BindType::transceiver}}) {
    add(name, Bind{type, "acct", Secret("secret08"), "vma", 0x34, {1, 1, "^49"}});
    add(name + "_resp"s, BindResp{type, "smsc", {octet_tlv(tag::sc_interface_version, 0x34)}});
  }
  add("bind_long_password", Bind{.system_id = "acct", .password = Secret("a password of 24 octets!")});
  add("bind_resp_refused", BindResp{}, status::rinvpaswd);

  SubmitSm sm = submit();
  sm.short_message = "123456 is your code";
  add("submit_sm", sm);
  sm.validity_period = "000000000530000R";
  sm.schedule_delivery_time = "260212120000000+";
  add("submit_sm_times", sm);
  sm = submit();
  sm.short_message = std::string(254, 'x');
  add("submit_sm_254", sm);
  sm = submit();
  sm.short_message = "dlt";
  sm.tlvs = {
      {0x1400, "1101234567890123456"}, {0x1401, "1107161234567890123"}, short_tlv(tag::user_message_reference, 7)};
  add("submit_sm_dlt", sm);
  add_text("gsm", "@£$ [€] Ωß hello", Concat::udh8);
  add_text("ucs2", "Код 123456 😀", Concat::udh8);
  const std::string long_text = std::string(150, 'a') + "€" + std::string(100, 'b');
  add_text("udh8", long_text, Concat::udh8);
  add_text("udh16", long_text, Concat::udh16);
  add_text("sar", long_text, Concat::sar);
  add_text("payload", long_text, Concat::payload);

  add("submit_sm_resp", SubmitSmResp{.message_id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"});
  add("submit_sm_resp_throttled", SubmitSmResp{}, status::rthrottled);

  DeliverSm deliver;
  deliver.source = {1, 1, "4915112345678"};
  deliver.destination = {5, 0, "XionID"};
  deliver.esm_class = 0x04;
  deliver.short_message = receipt_text({.message_id = "12345", .submitted = {}, .done = {}, .text = "hi"});
  deliver.tlvs = {
      {tag::receipted_message_id, "12345\0"s}, octet_tlv(tag::message_state, 2), {tag::network_error_code, "\3\0\0"s}};
  add("deliver_sm", deliver);
  add("deliver_sm_resp", DeliverSmResp{});
  add("deliver_sm_resp_busy", DeliverSmResp{}, status::rmsgqful);
  add("enquire_link", EnquireLink{});
  add("enquire_link_resp", EnquireLinkResp{});
  add("unbind", Unbind{});
  add("unbind_resp", UnbindResp{});
  add("generic_nack", GenericNack{}, status::rinvcmdid);
  return all;
}

}  // namespace xion::interop
