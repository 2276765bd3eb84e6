// Our codec against libsmpp34: what we pack it unpacks, and what it packs we unpack, field by field. It may unpack here
// because nothing in these PDUs came from a network.
#include <algorithm>

#include "support.h"

extern "C" {
#include <smpp34.h>
#include <smpp34_structs.h>

// From smpp34_params.h, which does not include what it needs.
int destroy_tlv(tlv_t* first);
}
#undef Reserved

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;

namespace {

template <std::size_t Size>
std::string text_of(const std::uint8_t (&field)[Size]) {
  return reinterpret_cast<const char*>(field);
}
template <std::size_t Size>
void put(std::uint8_t (&field)[Size], const std::string& text) {
  std::fill(std::begin(field), std::end(field), std::uint8_t{0});
  std::copy(text.begin(), text.end(), field);
}

/// Unpacks with the library; its structs begin zeroed.
template <typename Fields>
Fields unpacked(const std::string& octets) {
  Fields fields{};
  // The library's strlen looks past a string's end, so the copy ends in NULs.
  std::string copy = octets + std::string(64, '\0');
  REQUIRE_MESSAGE(
      smpp34_unpack2(&fields, reinterpret_cast<const std::uint8_t*>(copy.data()), static_cast<int>(octets.size())) == 0,
      smpp34_strerror);
  return fields;
}

template <typename Fields>
std::string packed(Fields fields) {
  std::uint8_t buffer[4096];
  int length = 0;
  REQUIRE_MESSAGE(smpp34_pack2(buffer, sizeof buffer, &length, &fields) == 0, smpp34_strerror);
  return {reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(length)};
}

/// A number plan that the library knows.
constexpr std::uint8_t known_npis[] = {0, 1, 3, 4, 6, 8, 9, 10, 14, 18};
Address known_address(Random& random) {
  return {static_cast<std::uint8_t>(below(random, 7)), known_npis[below(random, std::size(known_npis))],
          c_string(random, 20)};
}

/// A message within the limits of the library's own deliver_sm and submit_sm frames.
template <typename Message>
Message known_message(Random& random) {
  Message sm;
  sm.service_type = c_string(random, 5);
  sm.source = known_address(random);
  sm.destination = known_address(random);
  sm.esm_class = octet(random);
  sm.protocol_id = octet(random);
  sm.priority_flag = octet(random);
  sm.registered_delivery = octet(random);
  sm.replace_if_present_flag = octet(random);
  sm.data_coding = octet(random);
  sm.sm_default_msg_id = octet(random);
  sm.short_message = octets(random, below(random, 254));
  return sm;
}

template <typename Fields>
void check_same(const Sm& sm, const Fields& fields) {
  CHECK(text_of(fields.service_type) == sm.service_type);
  CHECK(fields.source_addr_ton == sm.source.ton);
  CHECK(fields.source_addr_npi == sm.source.npi);
  CHECK(text_of(fields.source_addr) == sm.source.digits);
  CHECK(fields.dest_addr_ton == sm.destination.ton);
  CHECK(fields.dest_addr_npi == sm.destination.npi);
  CHECK(text_of(fields.destination_addr) == sm.destination.digits);
  CHECK(fields.esm_class == sm.esm_class);
  CHECK(fields.protocol_id == sm.protocol_id);
  CHECK(fields.priority_flag == sm.priority_flag);
  CHECK(text_of(fields.schedule_delivery_time) == sm.schedule_delivery_time);
  CHECK(text_of(fields.validity_period) == sm.validity_period);
  CHECK(fields.registered_delivery == sm.registered_delivery);
  CHECK(fields.replace_if_present_flag == sm.replace_if_present_flag);
  CHECK(fields.data_coding == sm.data_coding);
  CHECK(fields.sm_default_msg_id == sm.sm_default_msg_id);
  CHECK(std::string(reinterpret_cast<const char*>(fields.short_message), fields.sm_length) == sm.short_message);
}

template <typename Fields>
void fill(Fields& fields, const Sm& sm) {
  put(fields.service_type, sm.service_type);
  fields.source_addr_ton = sm.source.ton;
  fields.source_addr_npi = sm.source.npi;
  put(fields.source_addr, sm.source.digits);
  fields.dest_addr_ton = sm.destination.ton;
  fields.dest_addr_npi = sm.destination.npi;
  put(fields.destination_addr, sm.destination.digits);
  fields.esm_class = sm.esm_class;
  fields.protocol_id = sm.protocol_id;
  fields.priority_flag = sm.priority_flag;
  fields.registered_delivery = sm.registered_delivery;
  fields.replace_if_present_flag = sm.replace_if_present_flag;
  fields.data_coding = sm.data_coding;
  fields.sm_default_msg_id = sm.sm_default_msg_id;
  fields.sm_length = static_cast<std::uint8_t>(sm.short_message.size());
  put(fields.short_message, sm.short_message);
}

}  // namespace

TEST_CASE("libsmpp34 unpacks the submit_sm and deliver_sm that we pack") {
  Random random(11);
  for (std::uint32_t sequence = 1; sequence <= 500; ++sequence) {
    const auto submit = known_message<SubmitSm>(random);
    check_same(submit, unpacked<submit_sm_t>(encoded({.sequence = sequence, .body = submit})));
    const auto deliver = known_message<DeliverSm>(random);
    const auto fields = unpacked<deliver_sm_t>(encoded({.sequence = sequence, .body = deliver}));
    check_same(deliver, fields);
    CHECK(fields.sequence_number == sequence);
  }
}

TEST_CASE("libsmpp34 unpacks times and TLVs that we pack") {
  SubmitSm submit = some_submit();
  submit.validity_period = "000000000530000R";
  submit.schedule_delivery_time = "260101000000000+";
  submit.tlvs = {short_tlv(tag::user_message_reference, 0x1234), {tag::message_payload, std::string(1000, 'p')}};
  const auto fields = unpacked<submit_sm_t>(encoded({.sequence = 1, .body = submit}));
  check_same(submit, fields);
  // The library hands out the last TLV first.
  REQUIRE(fields.tlv != nullptr);
  CHECK(fields.tlv->tag == tag::message_payload);
  CHECK(fields.tlv->length == 1000);
  REQUIRE(fields.tlv->next != nullptr);
  CHECK(fields.tlv->next->tag == tag::user_message_reference);
  CHECK(fields.tlv->next->value.val16 == 0x1234);
  destroy_tlv(fields.tlv);
}

TEST_CASE("libsmpp34 unpacks the binds that we pack") {
  Random random(12);
  for (int i = 0; i < 100; ++i) {
    Bind bind{.type = BindType::transmitter,
              .system_id = c_string(random, 15),
              .password = Secret(c_string(random, 8)),
              .system_type = c_string(random, 12),
              .address_range = known_address(random)};
    const auto check = [&](const auto& fields) {
      CHECK(text_of(fields.system_id) == bind.system_id);
      CHECK(text_of(fields.password) == bind.password.reveal());
      CHECK(text_of(fields.system_type) == bind.system_type);
      CHECK(fields.interface_version == 0x34);
      CHECK(fields.addr_ton == bind.address_range.ton);
      CHECK(fields.addr_npi == bind.address_range.npi);
      CHECK(text_of(fields.address_range) == bind.address_range.digits);
    };
    check(unpacked<bind_transmitter_t>(encoded({.sequence = 1, .body = bind})));
    bind.type = BindType::receiver;
    check(unpacked<bind_receiver_t>(encoded({.sequence = 1, .body = bind})));
    bind.type = BindType::transceiver;
    check(unpacked<bind_transceiver_t>(encoded({.sequence = 1, .body = bind})));
  }
}

TEST_CASE("libsmpp34 unpacks the responses and life signs that we pack") {
  CHECK(text_of(unpacked<submit_sm_resp_t>(encoded({.sequence = 1, .body = SubmitSmResp{.message_id = "abc"}}))
                    .message_id) == "abc");
  CHECK(unpacked<submit_sm_resp_t>(encoded({.status = 0x58, .sequence = 1, .body = SubmitSmResp{}})).command_status ==
        0x58);
  CHECK(
      unpacked<deliver_sm_resp_t>(encoded({.status = 0x14, .sequence = 9, .body = DeliverSmResp{}})).sequence_number ==
      9);
  CHECK(text_of(unpacked<bind_transceiver_resp_t>(encoded({.sequence = 1, .body = BindResp{.system_id = "smsc"}}))
                    .system_id) == "smsc");
  CHECK(unpacked<enquire_link_t>(encoded({.sequence = 5, .body = EnquireLink{}})).sequence_number == 5);
  CHECK(unpacked<enquire_link_resp_t>(encoded({.sequence = 5, .body = EnquireLinkResp{}})).sequence_number == 5);
  CHECK(unpacked<unbind_t>(encoded({.sequence = 5, .body = Unbind{}})).sequence_number == 5);
  CHECK(unpacked<unbind_resp_t>(encoded({.sequence = 5, .body = UnbindResp{}})).sequence_number == 5);
  CHECK(unpacked<generic_nack_t>(encoded({.status = 3, .sequence = 5, .body = GenericNack{}})).command_status == 3);
}

TEST_CASE("we decode what libsmpp34 packs") {
  Random random(13);
  for (std::uint32_t sequence = 1; sequence <= 500; ++sequence) {
    const auto submit = known_message<SubmitSm>(random);
    submit_sm_t fields{};
    fields.command_id = SUBMIT_SM;
    fields.sequence_number = sequence;
    fill(fields, submit);
    const auto pdu = decoded(packed(fields));
    CHECK(std::get<SubmitSm>(pdu.body) == submit);
    CHECK(pdu.sequence == sequence);

    const auto deliver = known_message<DeliverSm>(random);
    deliver_sm_t delivered{};
    delivered.command_id = DELIVER_SM;
    delivered.sequence_number = sequence;
    fill(delivered, deliver);
    CHECK(std::get<DeliverSm>(decoded(packed(delivered)).body) == deliver);
  }
}

TEST_CASE("both pack the same octets where the library can") {
  Random random(14);
  for (int i = 0; i < 200; ++i) {
    const auto submit = known_message<SubmitSm>(random);
    submit_sm_t fields{};
    fields.command_id = SUBMIT_SM;
    fields.sequence_number = 77;
    fill(fields, submit);
    CHECK(packed(fields) == encoded({.sequence = 77, .body = submit}));
  }
}

TEST_CASE("nothing of what was packed stays in the library's text buffer") {
  SubmitSm submit = some_submit();
  encoded({.sequence = 1, .body = submit});
  CHECK(std::all_of(std::begin(smpp34_strerror), std::end(smpp34_strerror), [](char c) { return c == 0; }));
  encoded({.sequence = 1, .body = Bind{.system_id = "acct", .password = Secret("hush")}});
  CHECK(std::all_of(std::begin(smpp34_strerror), std::end(smpp34_strerror), [](char c) { return c == 0; }));
}
