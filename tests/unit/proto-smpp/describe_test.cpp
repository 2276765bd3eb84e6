#include "smpp/pdu_fields.h"
#include "support.h"

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;
using namespace std::string_literals;

TEST_CASE("a trace line of a submit_sm shows neither the text nor the number") {
  SubmitSm sm = some_submit();
  sm.tlvs = {{tag::message_payload, "secret text"}, {0x1400, "1234567890"}, octet_tlv(tag::sar_total_segments, 2)};
  const std::string line = describe({.sequence = 12, .body = sm});
  CHECK(
      line ==
      "command_id=submit_sm sequence_number=12 service_type=CMT source_addr_ton=5 source_addr=XionID dest_addr_ton=1 "
      "dest_addr_npi=1 destination_addr=…678 registered_delivery=0x01 message=[19 octets] message_payload=[11 octets] "
      "0x1400=1234567890 sar_total_segments=2");
}

TEST_CASE("a trace line of a bind does not show the password") {
  const std::string line =
      describe({.sequence = 1, .body = Bind{.system_id = "acct", .password = Secret("hush"), .system_type = "vma"}});
  CHECK(line == "command_id=bind_transceiver sequence_number=1 system_id=acct system_type=vma interface_version=0x34");
}

TEST_CASE("in a deliver_sm the phone is the source, and is masked") {
  DeliverSm sm;
  sm.source = {1, 1, "447700900123"};
  sm.destination = {0, 0, "12345"};
  sm.tlvs = {{tag::receipted_message_id, "id-7\0"s}, octet_tlv(tag::message_state, 2)};
  CHECK(describe({.sequence = 2, .body = sm}) ==
        "command_id=deliver_sm sequence_number=2 source_addr_ton=1 source_addr_npi=1 source_addr=…123 "
        "destination_addr=…345 receipted_message_id=id-7 message_state=2");
}

TEST_CASE("of a receipt's text the id, the state and the error are told, and nothing of what it quotes") {
  DeliverSm sm;
  sm.source = {1, 1, "447700900123"};
  sm.esm_class = 0x04;
  sm.short_message = "id:77 sub:001 dlvrd:000 stat:UNDELIV err:011 text:123456 is your code";
  const std::string line = describe({.sequence = 2, .body = sm});
  CHECK(line.ends_with("receipt.id=77 receipt.stat=UNDELIV receipt.err=011"));
  CHECK(line.find("123456") == std::string::npos);
}

TEST_CASE("whole numbers are shown only where they are asked for, passwords and texts never") {
  SubmitSm sm = some_submit();
  sm.destination = {1, 1, "4915112345678"};
  std::string shown;
  for (const PduField& field : fields_of({.sequence = 2, .body = sm}, Phones::shown))
    shown += field.name + "=" + field.value + " ";
  CHECK(shown.find("destination_addr=4915112345678") != std::string::npos);
  CHECK(shown.find(sm.short_message) == std::string::npos);
  for (const PduField& field :
       fields_of({.sequence = 1, .body = Bind{.system_id = "acct", .password = Secret("hush")}}, Phones::shown)) {
    CHECK(field.value.find("hush") == std::string::npos);
  }
}

TEST_CASE("a long number as sender is masked, a short code is shown") {
  SubmitSm sm = some_submit();
  sm.source = {1, 1, "+4915112345678"};
  CHECK(describe({.sequence = 2, .body = sm}).find("source_addr=…678") != std::string::npos);
  sm.source = {3, 0, "70123"};
  CHECK(describe({.sequence = 2, .body = sm}).find("source_addr=70123") != std::string::npos);
}

TEST_CASE("a response shows its status by name, or as a number where it has none") {
  CHECK(describe({.status = 0x58, .sequence = 3, .body = SubmitSmResp{}}) ==
        "command_id=submit_sm_resp sequence_number=3 command_status=ESME_RTHROTTLED");
  CHECK(describe({.status = 0x55F, .sequence = 3, .body = SubmitSmResp{.message_id = "a b"}}) ==
        "command_id=submit_sm_resp sequence_number=3 command_status=0x0000055F message_id=\"a b\"");
}

TEST_CASE("control characters of a peer cannot forge a line") {
  const std::string line = describe({.sequence = 1, .body = BindResp{.system_id = "a\nb=c"}});
  CHECK(line == "command_id=bind_transceiver_resp sequence_number=1 command_status=ESME_ROK system_id=\"a\\nb=c\"");
}

TEST_CASE("a PDU of a thousand fields is a line of bounded length") {
  SubmitSmResp resp;
  for (int i = 0; i < 1000; ++i) resp.tlvs.push_back({tag::receipted_message_id, std::string(60, 'x')});
  const std::string line = describe({.sequence = 1, .body = resp});
  CHECK(line.size() < 4096);
  CHECK(line.find(" fields_left_out=") != std::string::npos);
}

TEST_CASE("names of commands, statuses and tags are the spec's, and others show as numbers") {
  CHECK(command_name(CommandId::submit_multi_resp) == "submit_multi_resp");
  CHECK(command_name(0x00010201) == "0x00010201");
  CHECK(status_name(status::ok) == "ESME_ROK");
  CHECK(status_name(0x55F) == "0x0000055F");
  CHECK(tag_name(tag::message_payload) == "message_payload");
  CHECK(tag_name(0x1402) == "0x1402");
}
