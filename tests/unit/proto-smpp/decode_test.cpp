#include "smpp/decode.h"

#include "support.h"

using namespace xion::smpp;
using namespace xion::smpp::test;
using namespace std::string_literals;

namespace {

constexpr std::uint32_t submit_resp = 0x80000004;
constexpr std::uint32_t deliver = 0x00000005;
constexpr std::uint32_t bind_trx_resp = 0x80000009;

/// The mandatory part of a deliver_sm up to and with sm_length, around a text.
std::string deliver_body(std::string_view text, std::uint8_t sm_length) {
  return "\0"s + "\1\1" + "447700900123\0"s + "\5\0"s + "XionID\0"s + "\4\0\0\0\0\0\0\0\0"s +
         static_cast<char>(sm_length) + std::string(text);
}

}  // namespace

TEST_CASE("a submit_sm with every field filled is read field by field") {
  const auto pdu =
      decoded(from_hex("00000056 00000004 00000000 0000000A"
                       "434D5400 05 00 58696F6E00 01 01 3439313500"
                       "03 04 02 323630313031303030303030303030 2B00 303030303030303030353030303030 5200"
                       "01 01 08 07 04 00410042"
                       "0204 0002 1234"));
  CHECK(pdu.sequence == 10);
  CHECK_FALSE(pdu.truncated);
  const auto& sm = std::get<SubmitSm>(pdu.body);
  CHECK(sm.service_type == "CMT");
  CHECK(sm.source == Address{5, 0, "Xion"});
  CHECK(sm.destination == Address{1, 1, "4915"});
  CHECK(sm.esm_class == 3);
  CHECK(sm.protocol_id == 4);
  CHECK(sm.priority_flag == 2);
  CHECK(sm.schedule_delivery_time == "260101000000000+");
  CHECK(sm.validity_period == "000000000500000R");
  CHECK(sm.registered_delivery == 1);
  CHECK(sm.replace_if_present_flag == 1);
  CHECK(sm.data_coding == 8);
  CHECK(sm.sm_default_msg_id == 7);
  CHECK(sm.short_message == "\0A\0B"s);
  CHECK(sm.tlvs == std::vector<Tlv>{{0x0204, "\x12\x34"}});
}

TEST_CASE("fewer than 16 octets are no header") {
  CHECK(decode_header(std::string(15, '\0')).error() == DecodeError::shorter_than_header);
  CHECK(decode("").error() == DecodeError::shorter_than_header);
}

TEST_CASE("a command_length that is not the length given is refused") {
  std::string octets = raw_pdu(0x15, 0, 1);
  octets.push_back('x');
  CHECK(decode(octets).error() == DecodeError::length_mismatch);
}

TEST_CASE("an error response may be a bare header") {
  const auto pdu = decoded(raw_pdu(submit_resp, 0x58, 7));
  CHECK(pdu.status == status::rthrottled);
  CHECK(pdu.sequence == 7);
  CHECK(std::get<SubmitSmResp>(pdu.body) == SubmitSmResp{});
  CHECK_FALSE(pdu.truncated);
  CHECK(std::get<BindResp>(decoded(raw_pdu(bind_trx_resp, 0x0E, 1)).body).system_id.empty());
}

TEST_CASE("an error response may have a body") {
  const auto pdu = decoded(raw_pdu(submit_resp, 0x58, 7, "abc\0"s));
  CHECK(pdu.status == status::rthrottled);
  CHECK(std::get<SubmitSmResp>(pdu.body).message_id == "abc");
}

TEST_CASE("a response without an id, with an unterminated id, or with TLVs is read") {
  CHECK(std::get<SubmitSmResp>(decoded(raw_pdu(submit_resp, 0, 1)).body).message_id.empty());
  CHECK(std::get<SubmitSmResp>(decoded(raw_pdu(submit_resp, 0, 1, "\0"s)).body).message_id.empty());
  const auto unterminated = decoded(raw_pdu(submit_resp, 0, 1, "abc"));
  CHECK(std::get<SubmitSmResp>(unterminated.body).message_id == "abc");
  CHECK(unterminated.truncated);
  const auto with_tlv = decoded(raw_pdu(submit_resp, 0, 1, "abc\0"s + from_hex("1401 0003 010203")));
  CHECK(std::get<SubmitSmResp>(with_tlv.body) == SubmitSmResp{"abc", {{0x1401, "\1\2\3"}}});
  CHECK_FALSE(with_tlv.truncated);
}

TEST_CASE("an id of 200 characters is kept whole") {
  const std::string id(200, 'f');
  CHECK(std::get<SubmitSmResp>(decoded(raw_pdu(submit_resp, 0, 1, id + '\0')).body).message_id == id);
}

TEST_CASE("any sc_interface_version in a bind_resp is a value") {
  const auto pdu = decoded(raw_pdu(bind_trx_resp, 0, 1, "smsc\0"s + from_hex("0210 0001 50")));
  CHECK(std::get<BindResp>(pdu.body).tlvs == std::vector<Tlv>{{tag::sc_interface_version, "\x50"}});
}

TEST_CASE("statuses and commands that no spec names are values") {
  CHECK(decoded(raw_pdu(submit_resp, 0x55F, 1)).status == 0x55F);
  const auto pdu = decoded(raw_pdu(0x00010203, 0, 9, "body"));
  CHECK(std::get<Unknown>(pdu.body) == Unknown{0x00010203, "body"});
  CHECK(command_id(pdu) == 0x00010203);
}

TEST_CASE("a data_sm is read with its TLVs, and what it lacks is missing") {
  const std::string head = "\0\1\1"s + "37499123056\0"s + "\5\0"s + "XionID\0"s;
  const auto pdu = decoded(raw_pdu(0x103, 0, 9, head + "\x04\1\0"s + from_hex("001E 0003 373700 0427 0001 02")));
  const auto& data = std::get<DataSm>(pdu.body);
  CHECK(data.source.digits == "37499123056");
  CHECK(data.destination == Address{5, 0, "XionID"});
  CHECK(data.esm_class == 4);
  CHECK(data.tlvs == std::vector<Tlv>{{tag::receipted_message_id, "77\0"s}, {tag::message_state, "\2"}});
  const auto cut = decoded(raw_pdu(0x103, 0, 9, head + "\x04"s));
  CHECK(cut.truncated);
  CHECK(std::get<DataSm>(cut.body).esm_class == 4);
  CHECK(decode(raw_pdu(0x103, 0, 9, "data_sm")).error() == DecodeError::body_too_short);
}

TEST_CASE("any TON and NPI is a value") {
  std::string body = deliver_body("hi", 2);
  body[1] = '\xFF';
  body[2] = 7;
  CHECK(std::get<DeliverSm>(decoded(raw_pdu(deliver, 0, 1, body)).body).source.ton == 0xFF);
}

TEST_CASE("a filled validity_period in a deliver_sm is read") {
  DeliverSm sm;
  sm.validity_period = "000000000530000R";
  CHECK(std::get<DeliverSm>(decoded(encoded({.body = sm})).body).validity_period == sm.validity_period);
}

TEST_CASE("an sm_length that promises more than there is gives what there is") {
  const auto pdu = decoded(raw_pdu(deliver, 0, 1, deliver_body("short", 200)));
  CHECK(std::get<DeliverSm>(pdu.body).short_message == "short");
  CHECK(pdu.truncated);
}

TEST_CASE("an sm_length of 255 is read") {
  const std::string text(255, 'x');
  const auto pdu = decoded(raw_pdu(deliver, 0, 1, deliver_body(text, 255)));
  CHECK(std::get<DeliverSm>(pdu.body).short_message == text);
  CHECK_FALSE(pdu.truncated);
}

TEST_CASE("a TLV that promises more than there is ends the list, and those before it stay") {
  const auto pdu = decoded(raw_pdu(deliver, 0, 1, deliver_body("hi", 2) + from_hex("0427 0001 02 0424 00FF 4142")));
  CHECK(std::get<DeliverSm>(pdu.body).tlvs == std::vector<Tlv>{{tag::message_state, "\2"}});
  CHECK(pdu.truncated);
}

TEST_CASE("one to three octets behind the last TLV are left over, and said to be") {
  const auto pdu = decoded(raw_pdu(deliver, 0, 1, deliver_body("hi", 2) + from_hex("0427 0001 02 0424")));
  CHECK(std::get<DeliverSm>(pdu.body).tlvs.size() == 1);
  CHECK(pdu.truncated);
}

TEST_CASE("twenty-nine empty TLVs, which overrun libsmpp34, are twenty-nine empty TLVs") {
  std::string body = deliver_body("", 0);
  for (int i = 0; i < 29; ++i) body += from_hex("1400 0000");
  CHECK(std::get<DeliverSm>(decoded(raw_pdu(deliver, 0, 1, body)).body).tlvs.size() == 29);
}

TEST_CASE("a message_payload of 60,000 octets is read") {
  const std::string payload(60'000, 'p');
  const auto pdu = decoded(raw_pdu(deliver, 0, 1, deliver_body("", 0) + from_hex("0424 EA60") + payload));
  CHECK(find_tlv(std::get<DeliverSm>(pdu.body).tlvs, tag::message_payload)->value == payload);
}

TEST_CASE("a request that ends behind its addresses is read, and said to be short") {
  const std::string body = deliver_body("", 0);
  for (std::size_t missing = 1; missing <= 10; ++missing) {
    const auto pdu = decoded(raw_pdu(deliver, 0, 1, body.substr(0, body.size() - missing)));
    CHECK(pdu.truncated);
    CHECK(std::get<DeliverSm>(pdu.body).destination.digits == "XionID");
  }
}

TEST_CASE("a request that ends before its destination has no meaning") {
  CHECK(decode(raw_pdu(deliver, 0, 1)).error() == DecodeError::body_too_short);
  CHECK(decode(raw_pdu(deliver, 0, 1, "\0\1\1123\0"s)).error() == DecodeError::body_too_short);
  CHECK(decode(raw_pdu(9, 0, 1)).error() == DecodeError::body_too_short);
}

TEST_CASE("a request whose string never ends is refused") {
  CHECK(decode(raw_pdu(deliver, 0, 1, "CMTCMTCMT")).error() != DecodeError::shorter_than_header);
  const std::string body = deliver_body("", 0);
  CHECK(decode(raw_pdu(deliver, 0, 1, "\0\1\1123\0\1\1456"s)).error() == DecodeError::unterminated_string);
}

TEST_CASE("the life signs may carry octets that nobody asked for") {
  CHECK(std::holds_alternative<EnquireLink>(decoded(raw_pdu(0x15, 0, 1, "x")).body));
  CHECK(std::holds_alternative<UnbindResp>(decoded(raw_pdu(0x80000006, 0, 1, "x")).body));
  CHECK(std::holds_alternative<GenericNack>(decoded(raw_pdu(0x80000000, 3, 0, "x")).body));
}

TEST_CASE("every cut of a whole PDU decodes or gives an error, and never reads on") {
  DeliverSm sm;
  sm.source = {1, 1, "447700900123"};
  sm.destination = {5, 0, "XionID"};
  sm.short_message = "text";
  sm.tlvs = {{tag::receipted_message_id, "id-1\0"s}, {tag::message_state, "\2"}};
  const std::string body = encoded({.body = sm}).substr(16);
  for (std::size_t length = 0; length <= body.size(); ++length) {
    // A copy of exactly that length, so that a sanitizer sees one octet too many.
    const auto pdu = decode(raw_pdu(deliver, 0, 1, body.substr(0, length)));
    if (!pdu) continue;
    CHECK(std::get<DeliverSm>(pdu->body).destination == sm.destination);
  }
}
