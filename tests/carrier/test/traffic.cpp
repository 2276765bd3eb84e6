// The simulator when it is well: binds, messages, handsets, receipts.
#include <doctest/doctest.h>

#include "esme_stage.h"

using namespace xion;
using namespace xion::carrier;
using Kind = Sight::Kind;
using smpp::BindType;

TEST_CASE("a message reaches the handset, and its receipt names the id of the response") {
  Stage stage;
  Esme& esme = stage.bound_esme();
  esme.submit("37499123056", "123456 is your code");
  REQUIRE(stage.until([&] { return esme.count(Kind::message) == 1; }));
  const auto arrived = stage.carrier.inbox().read("37499123056");
  REQUIRE(arrived.size() == 1);
  CHECK(arrived[0].text == "123456 is your code");
  CHECK(arrived[0].from == "XionID");
  const auto receipt = receipt_in(esme.first(Kind::message));
  CHECK(esme.first(Kind::answer).status == 0);
  CHECK(receipt.message_id == esme.first(Kind::answer).id);
  CHECK(receipt.state == smpp::ReceiptState::delivered);
  CHECK(receipt.source.digits == "37499123056");
  REQUIRE(stage.until([&] { return stage.carrier.stats().receipts_acknowledged == 1; }));
  CHECK(stage.carrier.stats().receipts_pending == 0);
}

TEST_CASE("receipts of a transmitter go to the receiver of the same account") {
  Stage stage;
  Esme& transmitter = stage.bound_esme(BindType::transmitter);
  Esme& receiver = stage.bound_esme(BindType::receiver);
  Esme& stranger = stage.esme({.system_id = "other"});
  transmitter.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return receiver.count(Kind::message) == 1; }));
  CHECK(transmitter.count(Kind::message) == 0);
  CHECK(stranger.count(Kind::message) == 0);
}

TEST_CASE("no receipt comes where none was asked for") {
  Stage stage;
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one", 0);
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 1; }));
  stage.turn_for(Millis{50});
  CHECK(esme.count(Kind::message) == 0);
  CHECK(stage.carrier.stats().receipts_pending == 0);
}

TEST_CASE("with credentials set, a wrong system_id and a wrong password are refused as such") {
  Stage stage({.system_id = "xion", .password = Secret("secret")});
  Esme& unknown = stage.esme({.system_id = "nobody", .password = Secret("secret")});
  Esme& wrong = stage.esme({.system_id = "xion", .password = Secret("guess")});
  REQUIRE(stage.until([&] { return unknown.count(Kind::refused) + wrong.count(Kind::refused) == 2; }));
  CHECK(unknown.first(Kind::refused).status == smpp::status::rinvsysid);
  CHECK(wrong.first(Kind::refused).status == smpp::status::rinvpaswd);
  stage.bound_esme();
}

TEST_CASE("a receipt that was not acknowledged comes again after a reconnect") {
  Stage stage;
  Esme& first = stage.bound_esme();
  first.is_mute = true;
  first.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return first.count(Kind::message) == 1; }));
  first.hang_up();
  REQUIRE(stage.until([&] { return stage.carrier.stats().connections == 0; }));
  CHECK(stage.carrier.stats().receipts_pending == 1);
  Esme& second = stage.bound_esme();
  REQUIRE(stage.until([&] { return second.count(Kind::message) == 1; }));
  CHECK(receipt_in(second.first(Kind::message)).message_id == first.first(Kind::answer).id);
  REQUIRE(stage.until([&] { return stage.carrier.stats().receipts_pending == 0; }));
}

TEST_CASE("a receipt answered 0x14 comes again until it is taken") {
  Stage stage;
  stage.fault("receipt-retry-ms=10");
  Esme& esme = stage.bound_esme();
  esme.receipt_answer = smpp::status::rmsgqful;
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::message) == 3; }));
  esme.receipt_answer = 0;
  REQUIRE(stage.until([&] { return stage.carrier.stats().receipts_acknowledged == 1; }));
  CHECK(stage.carrier.stats().receipts_refused >= 3);
}

TEST_CASE("a receipt that is not answered comes again after its time limit") {
  Stage stage({.receipt_timeout = Millis{50}});
  Esme& esme = stage.bound_esme();
  esme.is_mute = true;
  esme.submit("37499000001", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::message) >= 2; }));
  CHECK(stage.carrier.stats().receipts_unanswered >= 1);
}

TEST_CASE("no more receipts are under way on a bind than its window allows") {
  Stage stage({.receipt_window = 2});
  Esme& esme = stage.bound_esme();
  esme.is_mute = true;
  for (int i = 0; i < 5; ++i) esme.submit("37499000001", std::to_string(i));
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 5; }));
  stage.turn_for(Millis{50});
  CHECK(esme.count(Kind::message) == 2);
  CHECK(stage.carrier.stats().receipts_pending == 5);
}

TEST_CASE("the script decides what becomes of a phone's messages") {
  Stage stage;
  REQUIRE(stage.carrier.script().add("+37499* outcome=UNDELIV err=011").has_value());
  REQUIRE(stage.carrier.script().add("+37499000002 status=0x0B").has_value());
  REQUIRE(stage.carrier.script().add("+37499000003 outcome=none").has_value());
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  esme.submit("37499000002", "two");
  esme.submit("37499000003", "three");
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 3 && esme.count(Kind::message) == 1; }));
  const auto receipt = receipt_in(esme.first(Kind::message));
  CHECK(receipt.state == smpp::ReceiptState::undeliverable);
  CHECK(receipt.error == "011");
  CHECK(stage.carrier.stats().answers.at(smpp::status::rinvdstadr) == 1);
  CHECK(stage.carrier.inbox().read("37499000002").empty());
}

TEST_CASE("the same text to the same phone is counted as a duplicate") {
  Stage stage;
  Esme& esme = stage.bound_esme();
  esme.submit("37499000001", "one");
  esme.submit("37499000001", "one");
  esme.submit("37499000002", "one");
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 3; }));
  CHECK(stage.carrier.stats().distinct == 2);
  CHECK(stage.carrier.stats().duplicates == 1);
}

TEST_CASE("submits above max-tps are told to slow down") {
  Stage stage;
  stage.fault("max-tps=3");
  Esme& esme = stage.bound_esme();
  for (int i = 0; i < 5; ++i) esme.submit("37499000001", std::to_string(i));
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 5; }));
  const auto stats = stage.carrier.stats();
  CHECK(stats.accepted == 3);
  CHECK(stats.answers.at(smpp::status::rthrottled) == 2);
}

TEST_CASE("submits beyond the window are counted and refused") {
  Stage stage;
  stage.fault("window=2");
  stage.fault("latency-ms=30");
  Esme& esme = stage.bound_esme();
  for (int i = 0; i < 3; ++i) esme.submit("37499000001", std::to_string(i));
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 3; }));
  CHECK(stage.carrier.stats().window_exceeded == 1);
  CHECK(stage.carrier.stats().answers.at(smpp::status::rmsgqful) == 1);
  esme.submit("37499000001", "after");
  REQUIRE(stage.until([&] { return esme.count(Kind::answer) == 4; }));
  CHECK(stage.carrier.stats().window_exceeded == 1);
}

TEST_CASE("a handset's message reaches the ESME, and an enquire_link is answered and counted") {
  Stage stage;
  Esme& esme = stage.esme({.system_id = "xion", .enquire_link_idle = Millis{20}});
  REQUIRE(stage.until([&] { return esme.is_bound(); }));
  CHECK(stage.ask("say +37499000001 XionID STOP it")[0] == "{\"ok\":true}");
  REQUIRE(stage.until([&] { return esme.count(Kind::message) == 1; }));
  CHECK(esme.first(Kind::message).sm.short_message == "STOP it");
  CHECK(esme.first(Kind::message).sm.source.digits == "37499000001");
  REQUIRE(stage.until([&] { return stage.carrier.stats().enquire_links >= 2; }));
  CHECK(esme.is_bound());
}

TEST_CASE("unbind is answered, and the account counts as left, not as lost") {
  Stage stage;
  stage.fault("already-bound=30");
  Esme& esme = stage.bound_esme();
  esme.unbind();
  REQUIRE(stage.until([&] { return esme.count(Kind::closed) == 1 && stage.carrier.stats().connections == 0; }));
  stage.bound_esme();
}
