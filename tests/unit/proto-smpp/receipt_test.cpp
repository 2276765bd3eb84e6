#include "smpp/receipt.h"

#include "smpp/text.h"
#include "support.h"

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;
using namespace std::string_literals;

namespace {

DeliverSm with_text(std::string text, std::uint8_t esm_class = 0x04) {
  DeliverSm sm;
  sm.source = {1, 1, "447700900123"};
  sm.destination = {5, 0, "XionID"};
  sm.esm_class = esm_class;
  sm.short_message = std::move(text);
  return sm;
}
Receipt parsed(const DeliverSm& sm, bool text_alone = false) {
  const auto receipt = parse_receipt(sm, {.text_alone = text_alone});
  REQUIRE(receipt.has_value());
  return *receipt;
}
const std::string usual =
    "id:0123456789 sub:001 dlvrd:001 submit date:2602121200 done date:2602121201 stat:DELIVRD err:000 text:Your code";

}  // namespace

TEST_CASE("the receipt of the spec's appendix B is read field by field") {
  const auto receipt = parsed(with_text(usual));
  CHECK(receipt.message_id == "0123456789");
  CHECK(receipt.state == ReceiptState::delivered);
  CHECK(receipt.final);
  CHECK(receipt.error == "000");
  CHECK(receipt.submit_date == "2602121200");
  CHECK(receipt.done_date == "2602121201");
  CHECK(receipt.source.digits == "447700900123");
  CHECK(receipt.destination.digits == "XionID");
}

TEST_CASE("a message is a receipt by esm_class or by receipted_message_id, never by its text") {
  CHECK_FALSE(parse_receipt(with_text(usual, 0)));
  CHECK_FALSE(parse_receipt(with_text(usual, 0x08)));
  CHECK(parse_receipt(with_text(usual, 0x04 | 0x40 | 0x80 | 0x03)).has_value() == true);
  DeliverSm sm = with_text("", 0);
  sm.tlvs = {{tag::receipted_message_id, "id-1\0"s}};
  CHECK(parsed(sm).message_id == "id-1");
}

TEST_CASE("a carrier that marks nothing may be read by text alone, if it has an id and a state") {
  CHECK(parsed(with_text(usual, 0), true).message_id == "0123456789");
  CHECK_FALSE(parse_receipt(with_text("my id: 12 please", 0), {.text_alone = true}));
  CHECK_FALSE(parse_receipt(with_text("STOP", 0), {.text_alone = true}));
}

TEST_CASE("an intermediate notification is never final") {
  const auto receipt = parsed(with_text(usual, 0x20));
  CHECK(receipt.is_intermediate);
  CHECK(receipt.state == ReceiptState::delivered);
  CHECK_FALSE(receipt.final);
}

TEST_CASE("TLVs win over text") {
  DeliverSm sm = with_text(usual);
  sm.tlvs = {{tag::receipted_message_id, "tlv-id\0"s},
             octet_tlv(tag::message_state, 5),
             {tag::network_error_code, "\3\0\x22"s}};
  const auto receipt = parsed(sm);
  CHECK(receipt.message_id == "tlv-id");
  CHECK(receipt.state == ReceiptState::undeliverable);
  CHECK(receipt.error == "034");
}

TEST_CASE(
    "a message_state of two octets, or as an ASCII digit, is understood, and one unheard of leaves it to the text") {
  const auto state_with = [](std::string value, std::string text = "id:1") {
    DeliverSm sm = with_text(std::move(text));
    sm.tlvs = {{tag::message_state, std::move(value)}};
    return parsed(sm).state;
  };
  CHECK(state_with("\0\2"s) == ReceiptState::delivered);
  CHECK(state_with("2") == ReceiptState::delivered);
  CHECK(state_with("\x08") == ReceiptState::rejected);
  CHECK(state_with("\x63") == ReceiptState::other);
  CHECK(state_with("\x63", usual) == ReceiptState::delivered);
  CHECK(state_with("", usual) == ReceiptState::delivered);
}

TEST_CASE("a network_error_code in ASCII, or of no known shape, does no harm") {
  const auto error_with = [](std::string value) {
    DeliverSm sm = with_text(usual);
    sm.tlvs = {{tag::network_error_code, std::move(value)}};
    return parsed(sm).error;
  };
  CHECK(error_with("0A1") == "0A1");
  CHECK(error_with("69\0"s) == "69");
  CHECK(error_with("\3\1\0"s) == "256");
  CHECK(error_with("\1\2\3\4\5") == "000");
}

TEST_CASE("keys come in any case and order, and most may be missing") {
  auto receipt = parsed(with_text("STAT:undeliv ERR:27 ID:abc"));
  CHECK(receipt.message_id == "abc");
  CHECK(receipt.state == ReceiptState::undeliverable);
  CHECK(receipt.error == "27");
  CHECK_FALSE(receipt.submit_date);
  receipt = parsed(with_text("id: abc  Submit Date: 260212120000 Done date :20260212120100 stat : EXPIRED"));
  CHECK(receipt.message_id == "abc");
  CHECK(receipt.submit_date == "260212120000");
  CHECK(receipt.done_date == "20260212120100");
  CHECK(receipt.state == ReceiptState::expired);
}

TEST_CASE("a key without a value does not eat the next key") {
  const auto receipt = parsed(with_text("id:77 sub: dlvrd: submit date: done date: stat:DELIVRD err:"));
  CHECK(receipt.message_id == "77");
  CHECK(receipt.state == ReceiptState::delivered);
  CHECK(receipt.error.empty());
}

TEST_CASE("what follows text: is the subscriber's, and is not read") {
  const auto receipt = parsed(with_text("id:1 stat:DELIVRD text:id:2 stat:REJECTD err:999"));
  CHECK(receipt.message_id == "1");
  CHECK(receipt.state == ReceiptState::delivered);
  CHECK(receipt.error.empty());
}

TEST_CASE("an err that is no code of 1-4 letters or digits, and a date of other length, are left out") {
  const auto receipt = parsed(with_text("id:1 stat:DELIVRD err:12345 submit date:26021212 done date:26-02-1212"));
  CHECK(receipt.error.empty());
  CHECK_FALSE(receipt.submit_date);
  CHECK_FALSE(receipt.done_date);
}

TEST_CASE("every state, short and spelt out, is known, and only six are final") {
  struct Row {
    const char* word;
    ReceiptState state;
    bool final;
  };
  for (const Row& row : std::initializer_list<Row>{{"DELIVRD", ReceiptState::delivered, true},
                                                   {"Delivered", ReceiptState::delivered, true},
                                                   {"EXPIRED", ReceiptState::expired, true},
                                                   {"DELETED", ReceiptState::deleted, true},
                                                   {"UNDELIV", ReceiptState::undeliverable, true},
                                                   {"UNDELIVERABLE", ReceiptState::undeliverable, true},
                                                   {"undelivered", ReceiptState::undeliverable, true},
                                                   {"REJECTD", ReceiptState::rejected, true},
                                                   {"REJECTED", ReceiptState::rejected, true},
                                                   {"ACCEPTD", ReceiptState::accepted, false},
                                                   {"ACCEPTED", ReceiptState::accepted, false},
                                                   {"ENROUTE", ReceiptState::enroute, false},
                                                   {"BUFFRED", ReceiptState::buffered, false},
                                                   {"BUFFERED", ReceiptState::buffered, false},
                                                   {"UNKNOWN", ReceiptState::unknown, false},
                                                   {"ROUTED", ReceiptState::other, false},
                                                   {"OTHER", ReceiptState::other, false}}) {
    const auto receipt = parsed(with_text("id:1 stat:"s + row.word));
    CAPTURE(row.word);
    CHECK(receipt.state == row.state);
    CHECK(receipt.final == row.final);
    CHECK(receipt.state_word == row.word);
  }
  for (std::uint8_t number = 0; number < 20; ++number) {
    const bool should_be_final = number == 2 || number == 3 || number == 4 || number == 5 || number == 8 || number == 9;
    CHECK(is_final(receipt_state_of(std::uint64_t{number})) == should_be_final);
  }
}

TEST_CASE("the body may be in message_payload, in UCS-2, in Latin-1, or behind a user data header") {
  DeliverSm sm = with_text("");
  sm.tlvs = {{tag::message_payload, usual}};
  CHECK(parsed(sm).message_id == "0123456789");
  sm = with_text("");
  for (const char c : usual) sm.short_message += {'\0', c};
  sm.data_coding = coding::ucs2;
  CHECK(parsed(sm).message_id == "0123456789");
  sm = with_text(usual);
  sm.data_coding = coding::latin1;
  CHECK(parsed(sm).done_date == "2602121201");
  sm = with_text("\5\0\3\1\1\1"s + usual, 0x44);
  CHECK(parsed(sm).message_id == "0123456789");
}

TEST_CASE("a receipt that names no id is still a receipt") {
  const auto receipt = parsed(with_text("thanks"));
  CHECK(receipt.message_id.empty());
  CHECK(receipt.state == ReceiptState::other);
  CHECK_FALSE(receipt.final);
}

TEST_CASE("ids are opaque: UUIDs, dots and 65 characters") {
  for (const std::string& id : {"6ba7b810-9dad-11d1-80b4-00c04fd430c8"s, "smsc1.2026/77"s, std::string(65, 'a')}) {
    CHECK(parsed(with_text("id:" + id + " stat:DELIVRD")).message_id == id);
    DeliverSm sm = with_text("");
    sm.tlvs = {{tag::receipted_message_id, id}};
    CHECK(parsed(sm).message_id == id);
  }
}

TEST_CASE("what the simulator writes is what we read") {
  for (const auto state :
       {ReceiptState::delivered, ReceiptState::rejected, ReceiptState::enroute, ReceiptState::buffered}) {
    const ReceiptText written{.message_id = "abc-1",
                              .state = state,
                              .error = "1F",
                              .submitted = WallTime{Millis{1'770'897'600'000}},
                              .done = WallTime{Millis{1'770'897'660'000}},
                              .text = "stat:EXPIRED"};
    const auto receipt = parsed(with_text(receipt_text(written)));
    CHECK(receipt.message_id == "abc-1");
    CHECK(receipt.state == state);
    CHECK(receipt.error == "1F");
    CHECK(receipt.submit_date == "2602121200");
    CHECK(receipt.done_date == "2602121201");
  }
}

TEST_CASE("a TLV and a text that name different ids are both kept, without blanks and up to 65 octets") {
  DeliverSm sm = with_text("id: text-1 stat:DELIVRD");
  sm.tlvs = {{tag::receipted_message_id, "  tlv-1 \0"s}};
  CHECK(parsed(sm).message_id == "tlv-1");
  CHECK(parsed(sm).other_id == "text-1");
  sm.tlvs = {{tag::receipted_message_id, "text-1\0"s}};
  CHECK(parsed(sm).other_id == "");
  sm.tlvs = {{tag::receipted_message_id, std::string(66, '7')}};
  CHECK(parsed(sm).message_id == "text-1");
  CHECK(parsed(sm).is_id_too_long);
  sm.tlvs = {{tag::receipted_message_id, std::string(65, '7')}};
  CHECK(parsed(sm).message_id == std::string(65, '7'));
}

TEST_CASE("words are known by how they begin, vendors' words too, and what denies a delivery is none") {
  struct Row {
    std::string_view word;
    ReceiptState state;
    bool is_final;
  };
  for (const Row& row : std::initializer_list<Row>{{"FAILED", ReceiptState::undeliverable, true},
                                                   {"NOCRED", ReceiptState::undeliverable, true},
                                                   {"syserr", ReceiptState::undeliverable, true},
                                                   {"SKIPPED", ReceiptState::skipped, true},
                                                   {"UNDELIVRD", ReceiptState::undeliverable, true},
                                                   {"REJECT", ReceiptState::rejected, true},
                                                   {"Expire", ReceiptState::expired, true},
                                                   {"DELIV", ReceiptState::delivered, true},
                                                   {"DELIVER", ReceiptState::delivered, true},
                                                   {"DELIVERED_TO_HANDSET", ReceiptState::delivered, true},
                                                   {"DELIVERY_FAILED", ReceiptState::undeliverable, true},
                                                   {"NOT_DELIVERED", ReceiptState::undeliverable, true},
                                                   {"DELIVERING", ReceiptState::other, false},
                                                   {"SCHEDULED", ReceiptState::enroute, false},
                                                   {"ENROUTE", ReceiptState::enroute, false},
                                                   {"ACCEPTED", ReceiptState::accepted, false},
                                                   {"UNKNOWN", ReceiptState::unknown, false},
                                                   {"DEL", ReceiptState::other, false},
                                                   {"FROBNIC", ReceiptState::other, false}}) {
    CAPTURE(row.word);
    const auto receipt = parsed(with_text("id:1 stat:" + std::string(row.word)));
    CHECK(receipt.state == row.state);
    CHECK(receipt.final == row.is_final);
  }
  CHECK(receipt_state_of(std::uint64_t{9}) == ReceiptState::skipped);
  CHECK(receipt_state_of(std::uint64_t{0}) == ReceiptState::enroute);
  for (const auto& [name, state] : receipt_state_names()) CHECK(receipt_state_text(state) != "OTHER");
}

TEST_CASE("what a carrier means by a word or a number goes before what it means elsewhere") {
  const ReceiptStates own{
      {"GONE", ReceiptState::undeliverable}, {"ACCEPTD", ReceiptState::delivered}, {"10", ReceiptState::expired}};
  const ReceiptQuirks quirks{.states = &own};
  CHECK(parse_receipt(with_text("id:1 stat:gone"), quirks)->state == ReceiptState::undeliverable);
  CHECK(parse_receipt(with_text("id:1 stat:ACCEPTD"), quirks)->final);
  DeliverSm sm = with_text("id:1");
  sm.tlvs = {octet_tlv(tag::message_state, 10)};
  CHECK(parse_receipt(sm, quirks)->state == ReceiptState::expired);
  CHECK(parse_receipt(with_text(usual), quirks)->state == ReceiptState::delivered);
}

TEST_CASE("a carrier's own reader is asked before the usual reading, and where it finds nothing the usual one reads") {
  const ReceiptReader reader = [](std::string_view text) -> std::optional<ReceiptFields> {
    if (!text.starts_with("#")) return std::nullopt;
    ReceiptFields fields;
    fields.id = text.substr(1, 3);
    fields.stat = text.substr(5);
    return fields;
  };
  const ReceiptQuirks quirks{.reader = &reader};
  const auto receipt = parse_receipt(with_text("#abc,EXPIRED"), quirks);
  CHECK(receipt->message_id == "abc");
  CHECK(receipt->state == ReceiptState::expired);
  CHECK(parse_receipt(with_text(usual), quirks)->message_id == "0123456789");
}

TEST_CASE("an id may have blanks and commas in it, and what a vendor's key says is none of it") {
  struct Row {
    std::string_view text, id, other;
  };
  for (const Row& row : std::initializer_list<Row>{{"id:45 46 sub:001 stat:DELIVRD", "45", "45 46"},
                                                   {"id:41,42 stat:DELIVRD", "41", "41,42"},
                                                   {"id:41;42;stat:DELIVRD", "41", "41;42"},
                                                   {"id:41,stat:DELIVRD", "41", ""},
                                                   {"id:41 smsc:7 stat:DELIVRD", "41", ""},
                                                   {"stat:DELIVRD id:41 42", "41", "41 42"},
                                                   {"id:41 ; stat:DELIVRD", "41", ""},
                                                   {"id: stat:DELIVRD", "", ""}}) {
    CAPTURE(row.text);
    const auto receipt = parsed(with_text(std::string(row.text)));
    CHECK(receipt.message_id == row.id);
    CHECK(receipt.other_id == row.other);
    CHECK(receipt.state == ReceiptState::delivered);
  }
  DeliverSm sm = with_text("id:41 42 stat:DELIVRD");
  sm.tlvs = {{tag::receipted_message_id, "77"}};
  CHECK(parsed(sm).other_id == "41");
}

TEST_CASE("a state of several words is read as a whole before its first one") {
  struct Row {
    std::string_view words;
    ReceiptState state;
  };
  for (const Row& row : std::initializer_list<Row>{{"NOT DELIVERED", ReceiptState::undeliverable},
                                                   {"Delivery failed", ReceiptState::undeliverable},
                                                   {"UNKNOWN SUBSCRIBER", ReceiptState::undeliverable},
                                                   {"UNKNOWN", ReceiptState::unknown},
                                                   {"NO ROUTE", ReceiptState::undeliverable},
                                                   {"EN ROUTE", ReceiptState::enroute},
                                                   {"DELIV to handset", ReceiptState::delivered},
                                                   {"System error", ReceiptState::undeliverable},
                                                   {"GONE for good", ReceiptState::other}}) {
    CAPTURE(row.words);
    CHECK(parsed(with_text("id:1 stat:" + std::string(row.words) + " err:000")).state == row.state);
  }
  CHECK(parsed(with_text("id:1 stat:GONE for good err:000")).state_word == "GONE for good");
  const ReceiptStates own{{"GONE FOR GOOD", ReceiptState::expired}};
  CHECK(parse_receipt(with_text("id:1 stat:gone for good err:1"), {.states = &own})->state == ReceiptState::expired);
}

TEST_CASE("a receipt's text is read however data_coding calls it, and wherever it is") {
  const std::string ucs2 = [] {
    std::string octets;
    for (const char c : usual) octets += {'\0', c};
    return octets;
  }();
  DeliverSm sm = with_text(usual);
  sm.data_coding = coding::ucs2;
  CHECK(parsed(sm).message_id == "0123456789");
  sm = with_text(ucs2);
  CHECK(parsed(sm).message_id == "0123456789");
  sm.data_coding = coding::ucs2;
  sm.short_message = "\xFE\xFF" + ucs2;
  CHECK(parsed(sm).message_id == "0123456789");
  sm = with_text("see the payload");
  sm.tlvs = {{tag::message_payload, usual}};
  CHECK(parsed(sm).state == ReceiptState::delivered);
}

TEST_CASE("message_state 0 says nothing beside a word") {
  DeliverSm sm = with_text("id:1 stat:DELIVRD");
  sm.tlvs = {octet_tlv(tag::message_state, 0)};
  CHECK(parsed(sm).state == ReceiptState::delivered);
  sm.short_message = "id:1";
  CHECK(parsed(sm).state == ReceiptState::enroute);
  const ReceiptStates own{{"0", ReceiptState::rejected}};
  sm.short_message = "id:1 stat:DELIVRD";
  CHECK(parse_receipt(sm, {.states = &own})->state == ReceiptState::rejected);
}
