#include "smpp/smsc_session.h"

#include "support.h"

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;
using namespace std::chrono_literals;

namespace {

struct Smsc {
  explicit Smsc(SmscSettings settings = {}) : session(std::move(settings)) { session.on_open(now, actions); }

  void receive(const Pdu& pdu) { receive_octets(encoded(pdu)); }
  void receive_octets(std::string_view octets) { session.on_octets(octets, now, actions); }
  void bind(BindType type = BindType::transceiver) {
    receive({.sequence = 1, .body = Bind{.type = type, .system_id = "acct"}});
    session.accept_bind(1, now, actions);
    REQUIRE(session.state() == SessionState::bound);
    actions.clear();
  }
  void wait(Millis duration) {
    now += duration;
    session.on_tick(now, actions);
  }
  std::vector<Pdu> sent() const {
    std::string octets;
    for (const Send& send : only<Send>(actions)) octets += send.octets;
    return all_decoded(octets);
  }
  template <typename Wanted>
  std::vector<Wanted> got() const {
    return only<Wanted>(actions);
  }

  MonoTime now{Millis{5'000}};
  SmscActions actions;
  SmscSession session;
};

}  // namespace

TEST_CASE("a bind is handed to the carrier, and accepted with its own system_id and version") {
  Smsc smsc;
  smsc.receive(
      {.sequence = 7, .body = Bind{.type = BindType::receiver, .system_id = "acct", .password = Secret("pw")}});
  REQUIRE(smsc.got<BindRequested>().size() == 1);
  CHECK(smsc.got<BindRequested>()[0].bind.password.reveal() == "pw");
  CHECK(smsc.session.state() == SessionState::binding);
  smsc.session.accept_bind(7, smsc.now, smsc.actions);
  CHECK(smsc.sent().at(0) ==
        Pdu{.sequence = 7, .body = BindResp{BindType::receiver, "smsc", {octet_tlv(tag::sc_interface_version, 0x34)}}});
  CHECK(smsc.session.bind_type() == BindType::receiver);
}

TEST_CASE("a refused bind is answered by a bare header, then closed") {
  Smsc smsc;
  smsc.receive({.sequence = 7, .body = Bind{}});
  smsc.session.refuse_bind(7, status::rinvpaswd, smsc.actions);
  CHECK(smsc.got<Send>().at(0).octets == raw_pdu(0x80000009, 0x0E, 7));
  CHECK(smsc.got<Close>().at(0).reason == CloseReason::bind_refused);
}

TEST_CASE("a second bind on one connection is refused as already bound") {
  Smsc smsc;
  smsc.bind();
  smsc.receive({.sequence = 2, .body = Bind{}});
  CHECK(smsc.sent().at(0).status == status::ralybnd);
  CHECK(smsc.got<BindRequested>().empty());
}

TEST_CASE("a submit before the bind, or on a receiver, is refused as not bound") {
  Smsc smsc;
  smsc.receive({.sequence = 1, .body = some_submit()});
  CHECK(smsc.sent().at(0).status == status::rinvbndsts);
  Smsc receiver;
  receiver.bind(BindType::receiver);
  receiver.receive({.sequence = 2, .body = some_submit()});
  CHECK(receiver.sent().at(0).status == status::rinvbndsts);
  CHECK(receiver.got<Submitted>().empty());
}

TEST_CASE("a submit is answered when the carrier decides, with any status, id and TLVs") {
  Smsc smsc;
  smsc.bind();
  smsc.receive({.sequence = 5, .body = some_submit()});
  REQUIRE(smsc.got<Submitted>().size() == 1);
  CHECK(smsc.got<Submitted>()[0].sm == some_submit());
  CHECK(smsc.sent().empty());
  CHECK(smsc.session.answer_submit(5, 0, "id-1", smsc.actions, {{0x1401, "x"}}));
  CHECK(smsc.sent().at(0) == Pdu{.sequence = 5, .body = SubmitSmResp{"id-1", {{0x1401, "x"}}}});
  CHECK_FALSE(smsc.session.answer_submit(5, 0, std::string(66, 'x'), smsc.actions));
}

TEST_CASE("a deliver_sm is answered once, or lost by time or by close") {
  Smsc smsc;
  smsc.bind();
  CHECK(smsc.session.deliver(1, {}, smsc.now, smsc.actions));
  CHECK(smsc.session.deliver(2, {}, smsc.now, smsc.actions));
  CHECK(smsc.session.in_flight() == 2);
  const auto sent = smsc.sent();
  smsc.now += 5ms;
  smsc.receive({.status = status::rmsgqful, .sequence = sent[0].sequence, .body = DeliverSmResp{}});
  REQUIRE(smsc.got<DeliverAnswered>().size() == 1);
  CHECK(smsc.got<DeliverAnswered>()[0].token == 1);
  CHECK(smsc.got<DeliverAnswered>()[0].status == status::rmsgqful);
  CHECK(smsc.got<DeliverAnswered>()[0].round_trip == 5ms);
  smsc.wait(20s);
  CHECK(smsc.got<DeliverLost>().at(0).token == 2);
  smsc.session.deliver(3, {}, smsc.now, smsc.actions);
  smsc.session.on_close(smsc.now, smsc.actions);
  CHECK(smsc.got<DeliverLost>().at(1).why == LossReason::link_closed);
}

TEST_CASE("a deliver_sm is refused before the bind and over the window") {
  Smsc smsc({.window = 1});
  CHECK_FALSE(smsc.session.deliver(1, {}, smsc.now, smsc.actions));
  smsc.bind();
  CHECK(smsc.session.deliver(1, {}, smsc.now, smsc.actions));
  CHECK_FALSE(smsc.session.deliver(2, {}, smsc.now, smsc.actions));
}

TEST_CASE("enquire_link is answered, unless the carrier plays dead") {
  Smsc smsc;
  smsc.bind();
  smsc.receive_octets(raw_pdu(0x15, 0, 9));
  CHECK(smsc.sent().at(0).sequence == 9);
  Smsc dead({.answers_enquire_link = false});
  dead.bind();
  dead.receive_octets(raw_pdu(0x15, 0, 9));
  CHECK(dead.actions.empty());
}

TEST_CASE("the carrier may ask for a sign of life before the bind") {
  Smsc smsc;
  smsc.session.enquire(smsc.now, smsc.actions);
  CHECK(std::holds_alternative<EnquireLink>(smsc.sent().at(0).body));
}

TEST_CASE("an ESME's unbind is answered, told, and closed") {
  Smsc smsc;
  smsc.bind();
  smsc.receive_octets(raw_pdu(6, 0, 12));
  REQUIRE(smsc.actions.size() == 3);
  CHECK(std::get<Send>(smsc.actions[0]).octets == raw_pdu(0x80000006, 0, 12));
  CHECK(std::holds_alternative<Unbound>(smsc.actions[1]));
  CHECK(std::get<Close>(smsc.actions[2]).reason == CloseReason::peer_unbind);
}

TEST_CASE("raw octets leave as they are, behind what was said before") {
  Smsc smsc;
  smsc.bind();
  smsc.session.nack(0, status::rsyserr, smsc.actions);
  smsc.session.send_raw("anything", smsc.actions);
  CHECK(smsc.got<Send>().at(0).octets == raw_pdu(0x80000000, 8, 0) + "anything");
}

TEST_CASE("a connection that never binds is closed") {
  Smsc smsc;
  smsc.wait(30s);
  CHECK(smsc.got<Close>().at(0).reason == CloseReason::bind_timeout);
}
