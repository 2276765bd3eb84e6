#include "esme_support.h"

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;
using namespace std::string_literals;
using namespace std::chrono_literals;

TEST_CASE("a deliver_sm is answered when the caller says so, with the caller's status") {
  Esme esme;
  esme.bind();
  esme.receive({.sequence = 9, .body = DeliverSm{}});
  CHECK(esme.sent().empty());
  esme.session.answer_deliver(9, status::rmsgqful, esme.actions);
  REQUIRE(esme.sent().size() == 1);
  CHECK(esme.sent()[0] == Pdu{.status = status::rmsgqful, .sequence = 9, .body = DeliverSmResp{}});
}

TEST_CASE("a data_sm is given like a deliver_sm, and answered as what it is") {
  Esme esme;
  esme.bind();
  DataSm data;
  data.source = {1, 1, "37499123056"};
  data.tlvs = {{tag::receipted_message_id, "77"}};
  esme.receive({.sequence = 9, .body = data});
  CHECK(esme.sent().empty());
  const auto given = esme.got<Delivered>();
  REQUIRE(given.size() == 1);
  CHECK(given[0].command == CommandId::data_sm);
  CHECK(given[0].sm.source == data.source);
  CHECK(given[0].sm.tlvs == data.tlvs);
  esme.session.answer_deliver(9, status::ok, esme.actions, given[0].command);
  REQUIRE(esme.sent().size() == 1);
  CHECK(esme.sent()[0] == Pdu{.sequence = 9, .body = DataSmResp{}});
}

TEST_CASE("an id is taken without the blanks around it, and one above 65 octets not at all") {
  Esme esme;
  esme.bind();
  const auto answered_with = [&](const std::string& id) {
    REQUIRE(esme.submit(42));
    esme.receive_octets(raw_pdu(0x80000004, 0, esme.last_sequence(), id + "\0"s));
    return esme.got<SubmitAnswered>().back();
  };
  CHECK(answered_with(" 77  ").message_id == "77");
  CHECK(answered_with(std::string(65, '7')).message_id.size() == 65);
  CHECK(esme.session.counters().ids_too_long == 0);
  const auto long_one = answered_with(std::string(60'000, '7'));
  CHECK(long_one.status == status::ok);
  CHECK(long_one.message_id == "");
  CHECK(esme.session.counters().ids_too_long == 1);
}

TEST_CASE("an answer to a deliver_sm that comes after the close goes nowhere") {
  Esme esme;
  esme.bind();
  esme.receive({.sequence = 9, .body = DeliverSm{}});
  esme.session.on_close(esme.now, esme.actions);
  esme.forget();
  esme.session.answer_deliver(9, status::ok, esme.actions);
  CHECK(esme.actions.empty());
}

TEST_CASE("a submit is in flight before its octets are given out, and answered once") {
  Esme esme;
  esme.bind();
  CHECK(esme.submit(42));
  CHECK(esme.session.in_flight() == 1);
  CHECK(std::get<SubmitSm>(esme.sent().at(0).body) == some_submit());
  esme.now += 30ms;
  const Pdu answer{.sequence = esme.last_sequence(), .body = SubmitSmResp{.message_id = "id-1"}};
  esme.receive(answer);
  const auto answered = esme.got<SubmitAnswered>();
  REQUIRE(answered.size() == 1);
  CHECK(answered[0].token == 42);
  CHECK(answered[0].status == status::ok);
  CHECK(answered[0].message_id == "id-1");
  CHECK(answered[0].round_trip == 30ms);
  CHECK_FALSE(answered[0].nack);
  CHECK(esme.session.in_flight() == 0);
  esme.receive(answer);
  CHECK(esme.got<SubmitAnswered>().size() == 1);
  CHECK(esme.session.counters().unmatched_responses == 1);
}

TEST_CASE("answers find their submit in any order and any shape") {
  Esme esme;
  esme.bind();
  for (Token token = 1; token <= 4; ++token) CHECK(esme.submit(token));
  const std::uint32_t first = esme.last_sequence() - 3;
  esme.receive_octets(raw_pdu(0x80000004, 0x55F, first + 3) + raw_pdu(0x80000004, 0, first + 2) +
                      raw_pdu(0x80000004, 0x58, first, "junk") + raw_pdu(0x80000000, 0x08, first + 1));
  const auto answered = esme.got<SubmitAnswered>();
  REQUIRE(answered.size() == 4);
  CHECK(answered[0].token == 4);
  CHECK(answered[0].status == 0x55F);
  CHECK(answered[1].token == 3);
  CHECK(answered[1].message_id.empty());
  CHECK(answered[2].token == 1);
  CHECK(answered[2].status == status::rthrottled);
  CHECK(answered[3].token == 2);
  CHECK(answered[3].nack);
}

TEST_CASE("a nack with status 0 is still a refusal") {
  Esme esme;
  esme.bind();
  esme.submit(1);
  esme.receive_octets(raw_pdu(0x80000000, 0, esme.last_sequence()));
  CHECK(esme.got<SubmitAnswered>().at(0).status == status::runknownerr);
}

TEST_CASE("submits are refused before the bind, on a receiver, over the window, and where they cannot be packed") {
  Esme esme(Esme::with([](EsmeSettings& settings) { settings.window = 2; }));
  const auto refusal = [&] { return esme.session.submit(1, some_submit(), esme.now, esme.actions).error(); };
  CHECK(refusal() == SubmitRefusal::not_bound);
  esme.open();
  CHECK(refusal() == SubmitRefusal::not_bound);
  esme.receive({.sequence = 1, .body = BindResp{}});
  SubmitSm too_long = some_submit();
  too_long.destination.digits = std::string(21, '1');
  CHECK(esme.session.submit(1, too_long, esme.now, esme.actions).error() == SubmitRefusal::not_encodable);
  CHECK(esme.session.in_flight() == 0);
  CHECK(esme.submit(1));
  CHECK(esme.submit(2));
  CHECK_FALSE(esme.session.can_submit());
  CHECK(esme.session.window_room() == 0);
  esme.forget();
  CHECK(refusal() == SubmitRefusal::window_full);
  CHECK(esme.actions.empty());

  Esme receiver(Esme::with([](EsmeSettings& settings) { settings.bind_type = BindType::receiver; }));
  receiver.bind();
  CHECK_FALSE(receiver.session.can_submit());
  CHECK(receiver.session.submit(1, some_submit(), receiver.now, receiver.actions).error() ==
        SubmitRefusal::receiver_bind);
}

TEST_CASE("a submit without response is lost after response_timeout, and its late answer is told by token") {
  Esme esme;
  esme.bind();
  esme.submit(42);
  const std::uint32_t sequence = esme.last_sequence();
  CHECK(esme.session.next_deadline() == esme.now + 20s);
  esme.wait(19'999ms);
  CHECK(esme.got<SubmitLost>().empty());
  esme.wait(1ms);
  REQUIRE(esme.got<SubmitLost>().size() == 1);
  CHECK(esme.got<SubmitLost>()[0].token == 42);
  CHECK(esme.got<SubmitLost>()[0].why == LossReason::response_timeout);
  CHECK(esme.session.in_flight() == 0);
  CHECK(esme.session.state() == SessionState::bound);

  esme.receive({.sequence = sequence, .body = SubmitSmResp{.message_id = "late-id"}});
  REQUIRE(esme.got<LateAnswer>().size() == 1);
  CHECK(esme.got<LateAnswer>()[0].token == 42);
  CHECK(esme.got<LateAnswer>()[0].message_id == "late-id");
  CHECK(esme.got<SubmitAnswered>().empty());
  CHECK(esme.session.counters().late_responses == 1);
}

TEST_CASE("the last 1024 lost submits are remembered") {
  Esme esme(Esme::with([](EsmeSettings& settings) {
    settings.window = 2000;
    settings.enquire_link_idle = Millis{0};
  }));
  esme.bind();
  for (Token token = 0; token < 1025; ++token) CHECK(esme.submit(token));
  const std::uint32_t last = esme.last_sequence();
  esme.wait(20s);
  CHECK(esme.got<SubmitLost>().size() == 1025);
  esme.forget();
  esme.receive({.sequence = last - 1024, .body = SubmitSmResp{}});
  CHECK(esme.got<LateAnswer>().empty());
  esme.receive({.sequence = last - 1023, .body = SubmitSmResp{}});
  CHECK(esme.got<LateAnswer>().at(0).token == 1);
}

TEST_CASE("the end of the connection loses everything in flight, oldest first") {
  Esme esme;
  esme.bind();
  esme.submit(1);
  esme.submit(2);
  esme.session.on_close(esme.now, esme.actions);
  const auto lost = esme.got<SubmitLost>();
  REQUIRE(lost.size() == 2);
  CHECK(lost[0].token == 1);
  CHECK(lost[1].token == 2);
  CHECK(lost[1].why == LossReason::link_closed);
  CHECK(esme.got<Close>().empty());
  CHECK(esme.session.state() == SessionState::closed);
}

TEST_CASE("a nack with sequence 0 is counted and touches no submit") {
  Esme esme;
  esme.bind();
  esme.submit(1);
  esme.receive_octets(raw_pdu(0x80000000, 3, 0));
  CHECK(esme.session.counters().nacks_without_sequence == 1);
  CHECK(esme.session.in_flight() == 1);
}

TEST_CASE("while unbinding, late responses and receipts are still read, and nothing new is sent") {
  Esme esme;
  esme.bind();
  esme.submit(1);
  const std::uint32_t submitted = esme.last_sequence();
  esme.forget();
  esme.session.unbind(esme.now, esme.actions);
  REQUIRE(esme.sent().size() == 1);
  const std::uint32_t unbind = esme.sent()[0].sequence;
  CHECK(esme.session.state() == SessionState::unbinding);
  CHECK_FALSE(esme.session.can_submit());
  esme.receive({.sequence = submitted, .body = SubmitSmResp{.message_id = "x"}});
  CHECK(esme.got<SubmitAnswered>().size() == 1);
  esme.receive({.sequence = 8, .body = DeliverSm{}});
  CHECK(esme.got<Delivered>().size() == 1);
  esme.session.answer_deliver(8, 0, esme.actions);
  CHECK(esme.sent().back().body == Body{DeliverSmResp{}});
  esme.receive({.sequence = unbind, .body = UnbindResp{}});
  CHECK(esme.got<Close>().at(0).reason == CloseReason::unbound);
}

TEST_CASE("several PDUs of one turn leave as one write") {
  Esme esme;
  esme.bind();
  for (Token token = 1; token <= 5; ++token) esme.submit(token);
  CHECK(esme.actions.size() == 1);
  CHECK(esme.sent().size() == 5);
}

TEST_CASE("one octet at a time gives the same actions") {
  Esme esme;
  esme.open();
  esme.forget();
  for (const char octet :
       encoded({.sequence = 1, .body = BindResp{}}) + encoded({.sequence = 5, .body = DeliverSm{}})) {
    esme.receive_octets({&octet, 1});
  }
  CHECK(esme.got<Bound>().size() == 1);
  CHECK(esme.got<Delivered>().size() == 1);
}
