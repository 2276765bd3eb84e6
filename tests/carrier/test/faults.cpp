// Each fault, as an ESME sees it.
#include <doctest/doctest.h>

#include <set>

#include "esme_stage.h"
#include "smpp/decode.h"

using namespace xion;
using namespace xion::carrier;
using Kind = Sight::Kind;

namespace {

/// One submit under one fault, until its answer.
const Sight& answer_under(Stage& stage, std::string_view fault) {
  stage.fault(fault);
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 1; }));
  return esme.first(Kind::answer);
}

/// One submit under one fault, until its receipt, which no earlier ESME may take.
const Sight& receipt_under(Stage& stage, std::string_view fault) {
  for (const auto& earlier : stage.esmes) earlier->hang_up();
  REQUIRE(stage.until([&] { return stage.carrier.stats().connections == 0; }));
  stage.fault(fault);
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::message) == 1; }));
  return esme.first(Kind::message);
}

std::size_t size_of_answer(const Esme& esme) {
  // Behind bind_resp; nothing else is sent in these tests.
  return esme.reads.back().size();
}

}  // namespace

TEST_CASE("a throttled submit is not accepted") {
  Stage stage;
  CHECK(answer_under(stage, "throttle").status == smpp::status::rthrottled);
  CHECK(stage.carrier.stats().throttled == 1);
  CHECK(stage.carrier.inbox().read("37499000001").empty());
}

TEST_CASE("a share of the submits is throttled, about as large as asked for") {
  Stage stage;
  stage.fault("throttle=30%");
  stage.fault("no-receipts");
  Esme& esme = stage.esme({.system_id = "xion", .window = 1000});
  REQUIRE(stage.until([&] { return esme.is_bound(); }));
  for (int i = 0; i < 1000; ++i) esme.submit("37499000001", std::to_string(i));
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 1000; }));
  CHECK(stage.carrier.stats().throttled > 240);
  CHECK(stage.carrier.stats().throttled < 360);
}

TEST_CASE("a fault that is to strike twice strikes twice") {
  Stage stage;
  stage.fault("queue-full=2x");
  Esme& esme = stage.bound_esme();
  for (int i = 0; i < 4; ++i) esme.submit("37499000001", std::to_string(i));
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 4; }));
  CHECK(stage.carrier.stats().answers.at(smpp::status::rmsgqful) == 2);
  CHECK(stage.carrier.stats().accepted == 2);
}

TEST_CASE("a dropped response leaves a message that was accepted, and its receipt") {
  Stage stage;
  stage.fault("drop-response");
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::message) == 1; }));
  CHECK(esme.count(Kind::answer) == 0);
  CHECK(stage.carrier.inbox().read("37499000001").size() == 1);
  CHECK(stage.carrier.stats().unanswered == 1);
}

TEST_CASE("the receipt leaves before the response") {
  Stage stage;
  stage.fault("receipt-before-response");
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 1; }));
  REQUIRE(esme.sights.size() == 3);
  CHECK(esme.sights[1].kind == Kind::message);
  CHECK(receipt_in(esme.sights[1]).message_id == esme.sights[2].id);
}

TEST_CASE("the connection ends at every third submit, and what came before it is answered") {
  Stage stage;
  stage.fault("disconnect-every=3");
  stage.fault("no-receipts");
  Esme& esme = stage.bound_esme();
  for (int i = 0; i < 3; ++i) esme.submit("37499000001", std::to_string(i));
  REQUIRE(stage.until([&] { return esme.count(Kind::closed) == 1; }));
  CHECK(esme.count(Kind::answer) == 2);
  CHECK(esme.count(Kind::lost) == 1);
  CHECK_FALSE(esme.was_reset);
  Esme& again = stage.bound_esme();
  again.submit("37499000001", "again");
  CHECK(stage.until([&] { return again.count(Kind::answer) == 1; }));
}

TEST_CASE("the connection is reset in the middle of a window") {
  Stage stage;
  stage.fault("rst-every=2");
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  esme.submit("37499000001", "two");
  REQUIRE(stage.until([&] { return esme.count(Kind::closed) == 1; }));
  CHECK(esme.was_reset);
}

TEST_CASE("with split-writes an ESME that is quick reads one octet at a time, and the session works all the same") {
  Stage stage;
  stage.fault("split-writes");
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 1; }));
  // Not all: a machine that is busy may let two octets gather.
  const auto single = std::ranges::count(esme.reads, std::size_t{1}, &std::string::size);
  CHECK(single > 20);
  CHECK(static_cast<double>(single) > 0.5 * static_cast<double>(esme.reads.size()));
}

TEST_CASE("bind_resp and a deliver_sm come in one segment") {
  Stage stage;
  stage.fault("one-segment");
  Esme& esme = stage.bound_esme();
  CHECK(esme.reads.size() == 1);
  REQUIRE(esme.sights.size() == 2);
  CHECK(esme.sights[0].kind == Kind::bound);
  CHECK(esme.sights[1].kind == Kind::message);
}

TEST_CASE("a vendor's status is answered as it is") {
  Stage stage;
  CHECK(answer_under(stage, "status").status == 0x55F);
  CHECK(answer_under(stage, "status=0x64").status == 0x64);
}

TEST_CASE("an error comes as a bare header, or with a body") {
  Stage stage;
  CHECK(answer_under(stage, "header-only-error").status == smpp::status::rsyserr);
  CHECK(size_of_answer(*stage.esmes.back()) == 16);
  stage.fault("header-only-error=off");
  CHECK_FALSE(answer_under(stage, "error-body").id.empty());
  CHECK(size_of_answer(*stage.esmes.back()) > 32);
}

TEST_CASE("an accepted message may get no id, and may get a TLV") {
  Stage stage;
  stage.fault("no-receipts");
  for (int i = 0; i < 2; ++i) {  // once as a bare header, once as an empty string
    const Sight& answer = answer_under(stage, "missing-id");
    CHECK(answer.status == 0);
    CHECK(answer.id.empty());
  }
  stage.fault("missing-id=off");
  CHECK_FALSE(answer_under(stage, "response-tlv").id.empty());
  const auto pdu = smpp::decode(stage.esmes.back()->reads.back());
  REQUIRE(pdu.has_value());
  CHECK(std::get<smpp::SubmitSmResp>(pdu->body).tlvs.size() == 1);
  CHECK(stage.carrier.stats().accepted == 3);
}

TEST_CASE("a generic_nack names the submit, or nothing") {
  Stage stage;
  CHECK(answer_under(stage, "nack").is_nack);
  stage.fault("nack=off");
  stage.fault("nack-zero");
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.session.counters().nacks_without_sequence == 1; }));
  CHECK(esme.count(Kind::answer) == 0);
}

TEST_CASE("a late response comes after its time limit, and still tells the id") {
  Stage stage;
  stage.fault("late-response=300");
  Esme& esme = stage.esme({.system_id = "xion", .response_timeout = Millis{100}});
  REQUIRE(stage.until([&] { return esme.is_bound(); }));
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::late) == 1; }));
  CHECK(esme.count(Kind::lost) == 1);
  CHECK_FALSE(esme.first(Kind::late).id.empty());
}

TEST_CASE("a burst mixes 0x58, 0x14 and 0x45, and ends") {
  Stage stage;
  stage.fault("status-burst=3");
  stage.fault("no-receipts");
  Esme& esme = stage.esme({.system_id = "xion", .window = 100});
  REQUIRE(stage.until([&] { return esme.is_bound(); }));
  for (int i = 0; i < 30; ++i) esme.submit("37499000001", std::to_string(i));
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 30; }));
  const auto answers = stage.carrier.stats().answers;
  CHECK(answers.at(smpp::status::rthrottled) == 1);
  CHECK(answers.at(smpp::status::rmsgqful) == 1);
  CHECK(answers.at(smpp::status::rsubmitfail) == 1);
  CHECK(answers.at(0) == 27);
}

TEST_CASE("receipts go over another bind where there is one") {
  Stage stage;
  stage.fault("receipt-other-bind");
  Esme& submitter = stage.bound_esme();
  Esme& other = stage.bound_esme();
  for (int i = 0; i < 4; ++i) submitter.submit("37499000001", std::to_string(i));
  REQUIRE(stage.until([&] { return other.count(Kind::message) == 4; }));
  CHECK(submitter.count(Kind::message) == 0);
}

TEST_CASE("a receipt comes twice, or never") {
  Stage stage;
  stage.fault("receipt-twice");
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::message) == 2; }));
  stage.fault("receipt-never");
  esme.submit("37499000001", "two");
  stage.turn_for(Millis{50});
  CHECK(esme.count(Kind::message) == 2);
}

TEST_CASE("receipts spell the id in every style, and it stays the same message") {
  struct Case {
    std::string_view fault;
    smpp::IdForm form;  // of the receipt's id, to get the response's
  };
  for (const Case& c :
       {Case{"receipt-id=hex", smpp::IdForm::decimal_of_hex}, Case{"receipt-id=decimal", smpp::IdForm::hex_of_decimal},
        Case{"receipt-id=padded", smpp::IdForm::no_leading_zeros}, Case{"receipt-id=upper", smpp::IdForm::lower_case},
        Case{"receipt-id=uuid", smpp::IdForm::same}}) {
    CAPTURE(c.fault);
    Stage stage({.first_number = 0xABCDEF});
    const std::string told = receipt_in(receipt_under(stage, c.fault)).message_id;
    const std::string& answered = stage.esmes.back()->first(Kind::answer).id;
    CHECK(smpp::in_form(told, c.form).value_or("") == answered);
    CHECK((told == answered) == (c.form == smpp::IdForm::same));
  }
}

TEST_CASE("a receipt is understood in each of its strange shapes") {
  for (const std::string_view fault : {"receipt-missing-fields", "receipt-in-payload", "receipt-text-only",
                                       "receipt-tlv-only", "receipt-wide-state", "unknown-tlvs"}) {
    CAPTURE(fault);
    Stage stage;
    const auto receipt = receipt_in(receipt_under(stage, fault));
    CHECK(receipt.state == smpp::ReceiptState::delivered);
    CHECK(receipt.message_id == stage.esmes.back()->first(Kind::answer).id);
  }
}

TEST_CASE("each strange shape of a receipt is on the wire") {
  Stage stage;
  CHECK(receipt_under(stage, "receipt-text-only").sm.tlvs.empty());
  stage.fault("receipt-text-only=off");
  CHECK(receipt_under(stage, "receipt-tlv-only").sm.short_message.empty());
  stage.fault("receipt-tlv-only=off");
  CHECK(smpp::find_tlv(receipt_under(stage, "receipt-in-payload").sm.tlvs, smpp::tag::message_payload) != nullptr);
  stage.fault("receipt-in-payload=off");
  const auto* state = smpp::find_tlv(receipt_under(stage, "receipt-wide-state").sm.tlvs, smpp::tag::message_state);
  REQUIRE(state != nullptr);
  CHECK(state->value.size() == 2);
}

TEST_CASE("an intermediate notification comes before the receipt") {
  Stage stage;
  stage.fault("receipt-intermediate");
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::message) == 2; }));
  CHECK(receipt_in(esme.first(Kind::message)).is_intermediate);
  CHECK(receipt_in(esme.sights.back()).final);
}

TEST_CASE("enquire_link comes before bind_resp, and the session goes on") {
  Stage stage;
  stage.fault("enquire-before-bind");
  Esme& esme = stage.bound_esme();
  CHECK(smpp::decode_header(esme.reads.front())->command_id ==
        static_cast<std::uint32_t>(smpp::CommandId::enquire_link));
}

TEST_CASE("a bind fails at random, and one after a lost connection is refused for a while") {
  Stage stage;
  stage.fault("bind-fail=1x");
  Esme& failed = stage.esme();
  REQUIRE(stage.until([&] { return failed.count(Kind::refused) == 1; }));
  CHECK(failed.first(Kind::refused).status == smpp::status::rbindfail);
  stage.fault("already-bound=2");
  Esme& lost = stage.bound_esme();
  lost.hang_up();
  REQUIRE(stage.until([&] { return stage.carrier.stats().connections == 0; }));
  Esme& refused = stage.esme();
  REQUIRE(stage.until([&] { return refused.count(Kind::refused) == 1; }));
  CHECK(refused.first(Kind::refused).status == smpp::status::ralybnd);
  REQUIRE(stage.until([&] {
    Esme& again = stage.esme();
    return stage.until([&] { return again.is_bound() || again.count(Kind::refused) > 0; }) && again.is_bound();
  }));
}

TEST_CASE("a bind is refused by the status that is asked for") {
  Stage stage;
  stage.fault("bind-fail=0x0E");
  Esme& esme = stage.esme();
  REQUIRE(stage.until([&] { return esme.count(Kind::refused) == 1; }));
  CHECK(esme.first(Kind::refused).status == smpp::status::rinvpaswd);
}

TEST_CASE("of what comes at every Nth submit a share may strike") {
  Stage stage;
  stage.fault("disconnect-every=1@0%");
  Esme& esme = stage.esme({.system_id = "xion", .window = 100});
  REQUIRE(stage.until([&] { return esme.is_bound(); }));
  for (int i = 0; i < 20; ++i) esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 20; }));
  CHECK(esme.count(Kind::closed) == 0);
  stage.fault("disconnect-every=1");
  esme.submit("37499000001", "one");
  CHECK(stage.until([&] { return esme.count(Kind::closed) == 1; }));
}

TEST_CASE("an undelivered message has a receipt that says so, each by its own word") {
  Stage stage;
  stage.fault("undelivered");
  stage.fault("receipt-delay-ms=1");
  Esme& esme = stage.esme({.system_id = "xion", .window = 100});
  REQUIRE(stage.until([&] { return esme.is_bound(); }));
  for (int i = 0; i < 40; ++i) esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::message) == 40; }));
  std::set<smpp::ReceiptState> states;
  for (const Sight& sight : esme.sights) {
    if (sight.kind == Kind::message) states.insert(receipt_in(sight).state);
  }
  CHECK(states.size() == 4);
  CHECK_FALSE(states.contains(smpp::ReceiptState::delivered));
}

TEST_CASE("mixed statuses are refusals, and more than one") {
  Stage stage;
  stage.fault("mixed-status");
  Esme& esme = stage.esme({.system_id = "xion", .window = 100});
  REQUIRE(stage.until([&] { return esme.is_bound(); }));
  for (int i = 0; i < 40; ++i) esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 40; }));
  std::set<std::uint32_t> statuses;
  for (const Sight& sight : esme.sights) {
    if (sight.kind == Kind::answer) statuses.insert(sight.status);
  }
  CHECK(statuses.size() > 1);
  CHECK_FALSE(statuses.contains(smpp::status::ok));
}

TEST_CASE("the carrier unbinds, and closes once that is answered") {
  Stage stage;
  stage.fault("unbind-every=1");
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::closed) == 1; }));
  CHECK(esme.count(Kind::answer) == 1);
  CHECK(stage.until([&] { return stage.carrier.stats().connections == 0; }));
}

TEST_CASE("a silent carrier keeps the connection open and answers nothing") {
  Stage stage;
  stage.fault("silent-after=2");
  Esme& esme =
      stage.esme({.system_id = "xion", .enquire_link_idle = Millis{30}, .enquire_link_timeout = Millis{1'000}});
  REQUIRE(stage.until([&] { return esme.is_bound(); }));
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 1; }));
  esme.submit("37499000001", "two");
  REQUIRE(stage.until([&] { return esme.count(Kind::closed) == 1; }));  // by the ESME, which asked in vain
  CHECK(esme.count(Kind::answer) == 1);
}

TEST_CASE("unknown commands, long messages and lying lengths leave the session standing") {
  Stage stage;
  stage.fault("unknown-command-every=1");
  stage.fault("long-message-every=1");
  stage.fault("lying-length-every=1");
  stage.fault("no-receipts");
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::message) == 2; }));
  CHECK(esme.session.counters().unknown_commands == 1);
  CHECK(esme.session.counters().truncated_pdus == 1);
  CHECK(std::ranges::any_of(esme.sights, [](const Sight& sight) { return sight.sm.short_message.size() == 255; }));
  CHECK(esme.is_bound());
}

TEST_CASE("a command_length of 4 and one of 2^31 end the session") {
  for (const std::string_view fault : {"command-length=4", "command-length=2^31"}) {
    CAPTURE(fault);
    Stage stage;
    stage.fault(fault);
    Esme& esme = stage.bound_esme();
    esme.submit("37499000001", "one");
    REQUIRE(stage.until([&] { return esme.count(Kind::closed) == 1; }));
  }
}

TEST_CASE("a slow reader lets a busy sender wait") {
  Stage stage;
  stage.fault("slow-reader=2000");
  stage.fault("no-receipts");
  Esme& esme = stage.esme({.system_id = "xion", .window = 1000});
  REQUIRE(stage.until([&] { return esme.is_bound(); }));
  for (int i = 0; i < 100; ++i) esme.submit("37499000001", std::string(100, 'x'));
  stage.turn_for(Millis{300});
  CHECK(esme.count(Kind::answer) < 60);
  stage.fault("slow-reader=off");
  CHECK(stage.until([&] { return esme.count(Kind::answer) == 100; }));
}

TEST_CASE("connections are dropped on demand, by FIN or by RST") {
  Stage stage;
  Esme& closed = stage.bound_esme();
  stage.ask("drop");
  REQUIRE(stage.until([&] { return closed.count(Kind::closed) == 1; }));
  CHECK_FALSE(closed.was_reset);
  Esme& reset = stage.bound_esme();
  stage.ask("drop rst");
  REQUIRE(stage.until([&] { return reset.count(Kind::closed) == 1; }));
  CHECK(reset.was_reset);
}
