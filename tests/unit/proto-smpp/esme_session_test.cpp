#include <deque>

#include "smpp/session.h"
#include "support.h"

using namespace xion;
using namespace xion::smpp;
using namespace xion::smpp::test;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

/// A session with a clock that the test turns, and what it has asked for so far.
struct Esme {
  explicit Esme(EsmeSettings settings = some_settings()) : session(std::move(settings)) {}

  static EsmeSettings some_settings() {
    return {.system_id = "acct", .password = Secret("a password over eight"), .system_type = "vma"};
  }
  static EsmeSettings with(auto change) {
    EsmeSettings settings = some_settings();
    change(settings);
    return settings;
  }

  void open() { session.on_open(now, actions); }
  void bind() {
    open();
    receive({.sequence = sent().back().sequence, .body = BindResp{.type = session.settings().bind_type, .system_id = "smsc"}});
    REQUIRE(session.state() == SessionState::bound);
    forget();
  }
  void receive(const Pdu& pdu) { receive_octets(encoded(pdu)); }
  void receive_octets(std::string_view octets) { session.on_octets(octets, now, actions); }
  void wait(Millis duration) {
    now += duration;
    session.on_tick(now, actions);
  }
  bool submit(Token token) { return session.submit(token, some_submit(), now, actions).has_value(); }
  /// The sequence number of the newest submit_sm.
  std::uint32_t last_sequence() {
    for (const auto& pdu : sent()) {
      if (std::holds_alternative<SubmitSm>(pdu.body)) last_submit = pdu.sequence;
    }
    return last_submit;
  }

  /// Every PDU that left since `forget`.
  std::vector<Pdu> sent() const {
    std::string octets;
    for (const Send& send : only<Send>(actions)) octets += send.octets;
    return all_decoded(octets);
  }
  template <typename Wanted>
  std::vector<Wanted> got() const {
    return only<Wanted>(actions);
  }
  void forget() { actions.clear(); }

  MonoTime now{Millis{1'000'000}};
  Actions actions;
  EsmeSession session;
  std::uint32_t last_submit = 0;
};

}  // namespace

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
  esme.receive({.sequence = 1, .body = BindResp{.system_id = "smsc", .tlvs = {octet_tlv(tag::sc_interface_version, 0x50)}}});
  CHECK(esme.session.state() == SessionState::bound);
  CHECK(esme.got<Bound>().at(0).system_id == "smsc");
  CHECK(esme.session.can_submit());
}

TEST_CASE("a refused bind tells its status and closes, also as a bare header or a nack") {
  for (const auto& octets : {raw_pdu(0x80000009, 0x0E, 1), raw_pdu(0x80000009, 0x0E, 1, "smsc\0"s), raw_pdu(0x80000000, 0x0E, 1)}) {
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
    esme.receive_octets(encoded({.sequence = 1, .body = BindResp{.type = type}}) + encoded({.sequence = 77, .body = sm}));
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

TEST_CASE("a deliver_sm is answered when the caller says so, with the caller's status") {
  Esme esme;
  esme.bind();
  esme.receive({.sequence = 9, .body = DeliverSm{}});
  CHECK(esme.sent().empty());
  esme.session.answer_deliver(9, status::rmsgqful, esme.actions);
  REQUIRE(esme.sent().size() == 1);
  CHECK(esme.sent()[0] == Pdu{.status = status::rmsgqful, .sequence = 9, .body = DeliverSmResp{}});
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
  CHECK(receiver.session.submit(1, some_submit(), receiver.now, receiver.actions).error() == SubmitRefusal::receiver_bind);
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
  for (const auto& sign : {raw_pdu(0x80000015, 0, 2), encoded({.sequence = 1, .body = DeliverSm{}}), raw_pdu(0x80000000, 3, 2),
                           raw_pdu(0x15, 0, 1), raw_pdu(5, 0, 1, "x")}) {
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
  esme.receive_octets(raw_pdu(0x00010203, 0, 55, "x") + raw_pdu(0x103, 0, 56, "data_sm"));
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
  esme.receive_octets(raw_pdu(0x80010203, 0, 5) + raw_pdu(0x102, 0, 6) + raw_pdu(0x0B, 0, 7) + raw_pdu(0x80000005, 0, 8, "\0"s));
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

TEST_CASE("a nack with sequence 0 is counted and touches no submit") {
  Esme esme;
  esme.bind();
  esme.submit(1);
  esme.receive_octets(raw_pdu(0x80000000, 3, 0));
  CHECK(esme.session.counters().nacks_without_sequence == 1);
  CHECK(esme.session.in_flight() == 1);
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
  for (const char octet : encoded({.sequence = 1, .body = BindResp{}}) + encoded({.sequence = 5, .body = DeliverSm{}})) {
    esme.receive_octets({&octet, 1});
  }
  CHECK(esme.got<Bound>().size() == 1);
  CHECK(esme.got<Delivered>().size() == 1);
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
