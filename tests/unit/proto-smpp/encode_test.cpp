#include "smpp/encode.h"

#include "support.h"

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;
using namespace std::string_literals;

TEST_CASE("a submit_sm has the octets that the spec draws") {
  SubmitSm sm;
  sm.source = {5, 0, "Xion"};
  sm.destination = {1, 1, "4915"};
  sm.validity_period = "000000000500000R";
  sm.registered_delivery = 1;
  sm.short_message = "hi";
  sm.tlvs = {{0x0204, "\x12\x34"}};
  CHECK(encoded({.sequence = 7, .body = sm}) == from_hex("00000041 00000004 00000000 00000007"
                                                         "00 0500 58696F6E00 0101 3439313500 00 00 00 00"
                                                         "30303030303030303035303030303052 00 01 00 00 00 02 6869"
                                                         "0204 0002 1234"));
}

TEST_CASE("a bind has the octets that the spec draws") {
  const Bind bind{.type = BindType::receiver, .system_id = "ab", .password = Secret("pw"), .system_type = "t"};
  CHECK(encoded({.sequence = 1, .body = bind}) ==
        from_hex("0000001C 00000001 00000000 00000001 616200 707700 7400 34 00 00 00"));
}

TEST_CASE("a password longer than the spec's eight octets arrives whole") {
  for (const std::size_t length : {0U, 1U, 8U, 9U, 40U, 255U}) {
    const Bind bind{.type = BindType::transceiver, .system_id = "acct", .password = Secret(std::string(length, 'p'))};
    CHECK(std::get<Bind>(decoded(encoded({.sequence = 1, .body = bind})).body) == bind);
  }
}

TEST_CASE("an interface_version, TON or NPI that the library refuses is sent as told") {
  const Bind bind{.system_id = "a", .interface_version = 0x33, .address_range = {7, 99, "^49"}};
  CHECK(std::get<Bind>(decoded(encoded({.sequence = 1, .body = bind})).body) == bind);
  SubmitSm sm;
  sm.source = {7, 255, "1"};
  sm.destination = {255, 7, "2"};
  CHECK(std::get<SubmitSm>(decoded(encoded({.sequence = 1, .body = sm})).body) == sm);
}

TEST_CASE("a short_message of every length from 0 to 255 arrives whole") {
  Random random(3);
  for (std::size_t length = 0; length <= 255; ++length) {
    SubmitSm sm = some_submit();
    sm.short_message = octets(random, length);
    sm.tlvs = {{tag::user_message_reference, "\0\1"s}};
    const auto pdu = decoded(encoded({.sequence = 1, .body = sm}));
    CHECK(std::get<SubmitSm>(pdu.body) == sm);
    CHECK_FALSE(pdu.truncated);
  }
}

TEST_CASE("what is too long is an error, never cut") {
  const auto refusal = [](const Body& body) { return encode({.sequence = 1, .body = body}).error(); };
  const auto sm_with = [](auto change) {
    SubmitSm sm = some_submit();
    change(sm);
    return sm;
  };
  CHECK(refusal(Bind{.system_id = std::string(16, 'x')}) == EncodeError::string_too_long);
  CHECK(refusal(Bind{.password = Secret(std::string(256, 'x'))}) == EncodeError::string_too_long);
  CHECK(refusal(Bind{.system_type = std::string(13, 'x')}) == EncodeError::string_too_long);
  CHECK(refusal(Bind{.address_range = {0, 0, std::string(41, 'x')}}) == EncodeError::string_too_long);
  CHECK(refusal(BindResp{.system_id = std::string(16, 'x')}) == EncodeError::string_too_long);
  CHECK(refusal(sm_with([](Sm& sm) { sm.service_type = "123456"; })) == EncodeError::string_too_long);
  CHECK(refusal(sm_with([](Sm& sm) { sm.source.digits = std::string(21, '1'); })) == EncodeError::string_too_long);
  CHECK(refusal(sm_with([](Sm& sm) { sm.destination.digits = std::string(21, '1'); })) == EncodeError::string_too_long);
  CHECK(refusal(sm_with([](Sm& sm) { sm.validity_period = std::string(17, '1'); })) == EncodeError::string_too_long);
  CHECK(refusal(sm_with([](Sm& sm) { sm.short_message = std::string(256, 'x'); })) ==
        EncodeError::short_message_too_long);
  CHECK(refusal(sm_with([](Sm& sm) { sm.tlvs = {{1, std::string(65'536, 'x')}}; })) == EncodeError::tlv_too_long);
  CHECK(refusal(sm_with([](Sm& sm) { sm.tlvs = {{1, std::string(65'500, 'x')}}; })) == EncodeError::pdu_too_long);
  CHECK(refusal(SubmitSmResp{.message_id = std::string(66, 'x')}) == EncodeError::string_too_long);
}

TEST_CASE("a NUL inside a C-Octet String is an error, because the reader would stop there") {
  SubmitSm sm = some_submit();
  sm.source.digits = "Xion\0ID"s;
  CHECK(encode({.sequence = 1, .body = sm}).error() == EncodeError::embedded_nul);
  CHECK(encode({.sequence = 1, .body = Bind{.password = Secret("a\0b"s)}}).error() == EncodeError::embedded_nul);
}

TEST_CASE("an error leaves what was written before as it was") {
  std::string out = "before";
  SubmitSm sm = some_submit();
  sm.tlvs = {{1, std::string(65'536, 'x')}};
  CHECK_FALSE(encode_to(out, {.sequence = 1, .body = sm}));
  CHECK(out == "before");
  CHECK(encode_to(out, {.sequence = 1, .body = EnquireLink{}}));
  CHECK(out == "before" + raw_pdu(0x15, 0, 1));
}

TEST_CASE("an error response is a bare header, unless it has something to say") {
  CHECK(encoded({.status = 0x58, .sequence = 3, .body = SubmitSmResp{}}) == raw_pdu(0x80000004, 0x58, 3));
  CHECK(encoded({.status = 0x58, .sequence = 3, .body = SubmitSmResp{.message_id = "a"}}) ==
        raw_pdu(0x80000004, 0x58, 3, "a\0"s));
  CHECK(encoded({.status = 0, .sequence = 3, .body = SubmitSmResp{}}) == raw_pdu(0x80000004, 0, 3, "\0"s));
  CHECK(encoded({.status = 0x0E, .sequence = 3, .body = BindResp{}}) == raw_pdu(0x80000009, 0x0E, 3));
}

TEST_CASE("a deliver_sm_resp always has its one NUL") {
  CHECK(encoded({.status = 0, .sequence = 3, .body = DeliverSmResp{}}) == raw_pdu(0x80000005, 0, 3, "\0"s));
  CHECK(encoded({.status = 0x14, .sequence = 3, .body = DeliverSmResp{}}) == raw_pdu(0x80000005, 0x14, 3, "\0"s));
}

TEST_CASE("an id of 65 characters, one more than the library takes, arrives whole") {
  for (const std::size_t length : {64U, 65U}) {
    const SubmitSmResp resp{.message_id = std::string(length, 'f'), .tlvs = {{0x1400, "x"}}};
    CHECK(std::get<SubmitSmResp>(decoded(encoded({.sequence = 1, .body = resp})).body) == resp);
  }
}

TEST_CASE("every header-only command, any status and any sequence number go out as they are") {
  for (const std::uint32_t number : {0U, 1U, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
    CHECK(encoded({.status = number, .sequence = number, .body = GenericNack{}}) ==
          raw_pdu(0x80000000, number, number));
    CHECK(encoded({.status = 0, .sequence = number, .body = Unbind{}}) == raw_pdu(6, 0, number));
    CHECK(encoded({.status = 0, .sequence = number, .body = UnbindResp{}}) == raw_pdu(0x80000006, 0, number));
    CHECK(encoded({.status = 0, .sequence = number, .body = EnquireLink{}}) == raw_pdu(0x15, 0, number));
    CHECK(encoded({.status = 0, .sequence = number, .body = EnquireLinkResp{}}) == raw_pdu(0x80000015, 0, number));
    CHECK(encoded({.status = number, .sequence = number, .body = Unknown{0x00010200, "abc"}}) ==
          raw_pdu(0x00010200, number, number, "abc"));
  }
}

TEST_CASE("what was encoded before leaves nothing in a PDU, however many kinds of message take turns") {
  for (int i = 0; i < 60; ++i) {
    SubmitSm sm;
    const int kind = i % 20;
    sm.service_type = kind % 3 == 0 ? "OTP" : "";
    sm.source = {5, 0, "Sender" + std::to_string(kind % 5)};
    sm.destination = {1, 1, std::string(static_cast<std::size_t>(1 + i % 15), '4')};
    sm.esm_class = kind % 2 == 0 ? 0x40 : 0;
    sm.data_coding = static_cast<std::uint8_t>(kind % 4 * 4);
    sm.schedule_delivery_time = i % 7 == 0 ? "000000000500000R" : "";
    sm.validity_period = i % 2 == 0 ? "000000000200000R" : "";
    sm.short_message = std::string(static_cast<std::size_t>(i * 4), static_cast<char>('a' + i % 20));
    const auto number = static_cast<std::uint32_t>(i + 1);
    const auto decoded = decode(encoded({.sequence = number, .body = sm}));
    REQUIRE(decoded);
    CHECK(decoded->sequence == number);
    CHECK(std::get<SubmitSm>(decoded->body) == sm);
  }
}
