#include "esme_support.h"

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;
using namespace std::string_literals;
using namespace std::chrono_literals;

TEST_CASE("the bind is the first thing said, with the account's own fields") {
  for (const auto type : {BindType::receiver, BindType::transmitter, BindType::transceiver}) {
    Esme esme(Esme::with([&](EsmeSettings& settings) { settings.bind_type = type; }));
    CHECK(esme.session.state() == SessionState::closed);
    esme.open();
    REQUIRE(esme.sent().size() == 1);
    const auto bind = std::get<Bind>(esme.sent()[0].body);
    CHECK(bind.type == type);
    CHECK(bind.system_id == "acct");
    CHECK(bind.password.reveal() == "a password over eight");
    CHECK(esme.session.state() == SessionState::binding);
  }
}

TEST_CASE("a bind that cannot be packed closes at once instead of being cut short") {
  Esme esme(Esme::with([](EsmeSettings& settings) { settings.system_id = "a system_id over fifteen"; }));
  esme.open();
  CHECK(esme.sent().empty());
  CHECK(esme.got<Close>().at(0).reason == CloseReason::bind_unsendable);
}

TEST_CASE("a bind_resp makes the session bound, whatever interface version it tells") {
  Esme esme;
  esme.open();
  esme.receive(
      {.sequence = 1, .body = BindResp{.system_id = "smsc", .tlvs = {octet_tlv(tag::sc_interface_version, 0x50)}}});
  CHECK(esme.session.state() == SessionState::bound);
  CHECK(esme.got<Bound>().at(0).system_id == "smsc");
  CHECK(esme.session.can_submit());
}

TEST_CASE("a refused bind tells its status and closes, also as a bare header or a nack") {
  for (const auto& octets :
       {raw_pdu(0x80000009, 0x0E, 1), raw_pdu(0x80000009, 0x0E, 1, "smsc\0"s), raw_pdu(0x80000000, 0x0E, 1)}) {
    Esme esme;
    esme.open();
    esme.receive_octets(octets);
    CHECK(esme.got<BindRefused>().at(0).status == 0x0E);
    CHECK(esme.got<Close>().at(0).reason == CloseReason::bind_refused);
    CHECK(esme.session.state() == SessionState::closed);
  }
}

TEST_CASE("a peer that never answers the bind is left after bind_timeout") {
  Esme esme;
  esme.open();
  CHECK(esme.session.next_deadline() == esme.now + 30s);
  esme.wait(29'999ms);
  CHECK(esme.got<Close>().empty());
  esme.wait(1ms);
  CHECK(esme.got<Close>().at(0).reason == CloseReason::bind_timeout);
  CHECK_FALSE(esme.session.next_deadline());
}

TEST_CASE("deliver_sm right behind bind_resp in one read is delivered after Bound, on every bind type") {
  for (const auto type : {BindType::receiver, BindType::transmitter, BindType::transceiver}) {
    Esme esme(Esme::with([&](EsmeSettings& settings) { settings.bind_type = type; }));
    esme.open();
    esme.forget();
    DeliverSm sm;
    sm.short_message = "id:1 stat:DELIVRD";
    esme.receive_octets(encoded({.sequence = 1, .body = BindResp{.type = type}}) +
                        encoded({.sequence = 77, .body = sm}));
    REQUIRE(esme.actions.size() == 2);
    CHECK(std::holds_alternative<Bound>(esme.actions[0]));
    CHECK(std::get<Delivered>(esme.actions[1]).sequence == 77);
    CHECK(std::get<Delivered>(esme.actions[1]).sm == sm);
  }
}

TEST_CASE("deliver_sm before bind_resp is refused as not bound") {
  Esme esme;
  esme.open();
  esme.forget();
  esme.receive({.sequence = 3, .body = DeliverSm{}});
  CHECK(esme.got<Delivered>().empty());
  CHECK(esme.sent().at(0).status == status::rinvbndsts);
}

TEST_CASE("a quiet peer is asked for a sign of life, and left when it gives none") {
  Esme esme;
  esme.bind();
  CHECK(esme.session.next_deadline() == esme.now + 25s);
  esme.wait(25s);
  REQUIRE(esme.sent().size() == 1);
  CHECK(std::holds_alternative<EnquireLink>(esme.sent()[0].body));
  CHECK(esme.session.next_deadline() == esme.now + 10s);
  esme.wait(9'999ms);
  CHECK(esme.got<Close>().empty());
  CHECK(esme.sent().size() == 1);
  esme.submit(5);
  esme.wait(1ms);
  CHECK(esme.got<Close>().at(0).reason == CloseReason::enquire_link_unanswered);
  CHECK(esme.got<SubmitLost>().at(0).why == LossReason::link_closed);
}

TEST_CASE("any PDU counts as life: an answer, a deliver_sm, a nack, even one that is malformed") {
  for (const auto& sign : {raw_pdu(0x80000015, 0, 2), encoded({.sequence = 1, .body = DeliverSm{}}),
                           raw_pdu(0x80000000, 3, 2), raw_pdu(0x15, 0, 1), raw_pdu(5, 0, 1, "x")}) {
    Esme esme;
    esme.bind();
    esme.wait(25s);
    esme.wait(9s);
    esme.receive_octets(sign);
    esme.wait(2s);
    CHECK(esme.got<Close>().empty());
    CHECK(esme.session.next_deadline() == esme.now + 23s);
  }
}

TEST_CASE("half a PDU is no sign of life") {
  Esme esme;
  esme.bind();
  esme.wait(25s);
  esme.receive_octets(std::string_view(raw_pdu(0x80000015, 0, 2)).substr(0, 15));
  esme.wait(10s);
  CHECK(esme.got<Close>().size() == 1);
}

TEST_CASE("no enquire_link of ours leaves before bind_resp, but the peer's is answered") {
  Esme esme(Esme::with([](EsmeSettings& settings) { settings.bind_timeout = Millis{200'000}; }));
  esme.open();
  esme.forget();
  esme.wait(100s);
  CHECK(esme.actions.empty());
  esme.receive_octets(raw_pdu(0x15, 0, 88));
  REQUIRE(esme.sent().size() == 1);
  CHECK(esme.sent()[0] == Pdu{.sequence = 88, .body = EnquireLinkResp{}});
}

TEST_CASE("an unknown command is nacked with its own sequence, and the link stays") {
  Esme esme;
  esme.bind();
  esme.receive_octets(raw_pdu(0x00010203, 0, 55, "x") + raw_pdu(0x111, 0, 56, "x"));
  const auto sent = esme.sent();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0] == Pdu{.status = status::rinvcmdid, .sequence = 55, .body = GenericNack{}});
  CHECK(sent[1].sequence == 56);
  CHECK(esme.session.state() == SessionState::bound);
  CHECK(esme.session.counters().unknown_commands == 2);
}

TEST_CASE("commands that only a carrier is asked are nacked too") {
  Esme esme;
  esme.bind();
  esme.receive({.sequence = 4, .body = some_submit()});
  CHECK(esme.sent().at(0).status == status::rinvcmdid);
}

TEST_CASE("unknown responses and notifications are counted, never nacked") {
  Esme esme;
  esme.bind();
  esme.receive_octets(raw_pdu(0x80010203, 0, 5) + raw_pdu(0x102, 0, 6) + raw_pdu(0x0B, 0, 7) +
                      raw_pdu(0x80000005, 0, 8, "\0"s));
  CHECK(esme.sent().empty());
  CHECK(esme.session.counters().unmatched_responses == 2);
  CHECK(esme.session.counters().ignored_notifications == 2);
}

TEST_CASE("a PDU that cannot be decoded is nacked as too short, and the link stays") {
  Esme esme;
  esme.bind();
  esme.receive_octets(raw_pdu(5, 0, 66, "x") + raw_pdu(0x15, 0, 67));
  const auto sent = esme.sent();
  REQUIRE(sent.size() == 2);
  CHECK(sent[0] == Pdu{.status = status::rinvcmdlen, .sequence = 66, .body = GenericNack{}});
  CHECK(sent[1].body == Body{EnquireLinkResp{}});
  CHECK(esme.session.counters().malformed_pdus == 1);
}

TEST_CASE("a command_length of 4 or 2^31 closes the connection after what came before it") {
  for (const auto& bad : {from_hex("00000004"), from_hex("80000000")}) {
    Esme esme;
    esme.bind();
    esme.submit(1);
    esme.submit(2);
    esme.receive_octets(encoded({.sequence = esme.last_sequence(), .body = SubmitSmResp{.message_id = "x"}}) + bad);
    CHECK(esme.got<SubmitAnswered>().at(0).token == 2);
    CHECK(esme.got<SubmitLost>().at(0).token == 1);
    CHECK(esme.got<Close>().at(0).reason == CloseReason::framing_error);
  }
}

TEST_CASE("a peer's unbind is answered, then what is in flight is lost, then the connection ends") {
  Esme esme;
  esme.bind();
  esme.submit(1);
  esme.forget();
  esme.receive_octets(raw_pdu(6, 0, 33) + raw_pdu(0x15, 0, 34));
  REQUIRE(esme.actions.size() == 3);
  CHECK(std::get<Send>(esme.actions[0]).octets == raw_pdu(0x80000006, 0, 33));
  CHECK(std::get<SubmitLost>(esme.actions[1]).why == LossReason::peer_unbind);
  CHECK(std::get<Close>(esme.actions[2]).reason == CloseReason::peer_unbind);
  esme.forget();
  esme.session.on_close(esme.now, esme.actions);
  CHECK(esme.actions.empty());
}

TEST_CASE("a peer that ignores our unbind is left after unbind_timeout") {
  Esme esme;
  esme.bind();
  esme.session.unbind(esme.now, esme.actions);
  CHECK(esme.session.next_deadline() == esme.now + 5s);
  esme.wait(5s);
  CHECK(esme.got<Close>().at(0).reason == CloseReason::unbind_timeout);
}

TEST_CASE("a new connection begins anew: sequence 1, an empty window, no memory of half a PDU") {
  Esme esme;
  esme.bind();
  esme.submit(1);
  esme.receive_octets("\0\0\0"s);
  esme.session.on_close(esme.now, esme.actions);
  esme.forget();
  esme.open();
  CHECK(esme.sent().at(0).sequence == 1);
  esme.receive({.sequence = 1, .body = BindResp{}});
  CHECK(esme.session.state() == SessionState::bound);
  CHECK(esme.session.in_flight() == 0);
}

TEST_CASE("a trace shows both directions in order, and only where it is asked for") {
  Esme esme(Esme::with([](EsmeSettings& settings) { settings.trace = true; }));
  esme.open();
  esme.receive({.sequence = 1, .body = BindResp{.system_id = "smsc"}});
  esme.receive_octets(raw_pdu(5, 0, 2, "x"));
  const auto seen = esme.got<Seen>();
  REQUIRE(seen.size() == 4);
  CHECK(seen[0].sent);
  CHECK(seen[0].line.starts_with("command_id=bind_transceiver "));
  CHECK_FALSE(seen[1].sent);
  CHECK(seen[1].line.find("system_id=smsc") != std::string::npos);
  CHECK(seen[2].line == "command_id=deliver_sm sequence_number=2 malformed=body_too_short");
  CHECK(seen[3].line.starts_with("command_id=generic_nack"));
}

TEST_CASE("a session that is closed asks for no timer and ignores stray calls") {
  Esme esme;
  esme.wait(1h);
  esme.receive_octets(raw_pdu(0x15, 0, 1));
  esme.session.unbind(esme.now, esme.actions);
  esme.session.on_close(esme.now, esme.actions);
  CHECK(esme.actions.empty());
  CHECK_FALSE(esme.session.next_deadline());
}
