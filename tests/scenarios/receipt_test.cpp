#include <doctest/doctest.h>

#include "scenarios/stage.h"

using namespace xion;
using namespace xion::sim;

TEST_CASE("a receipt that comes before its response is parked, acknowledged, and joined") {
  Stage stage;
  auto& first = stage.carrier("first");
  first.fault("receipt-before-response");
  first.answers_in(Millis{2'000});
  first.delivers_in(Millis{300});
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.wire().acknowledged_receipts() == 1; }, Millis{1'500}));
  CHECK(stage.delivery(id) == "queued");
  CHECK(stage.wait_for([&] { return stage.delivery(id) == "delivered"; }, Millis{3'000}));
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a receipt is not acknowledged while it can't be stored, and is taken when the carrier repeats it") {
  Stage stage;
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.carrier("first").taken() == 1; }));
  REQUIRE(stage.wait_for([&] { return stage.delivery(id) == "submitted"; }, Millis{250}));
  stage.habits.commit_fails = 1;
  REQUIRE(stage.wait_for([&] { return stage.has_logged("receipt.not_stored smsc=first"); }));
  CHECK(stage.wire().acknowledged_receipts() == 0);
  stage.habits.commit_fails = 0;
  CHECK(stage.wait_for([&] { return stage.carrier("first").receipts_waiting() == 0; }));
  CHECK(stage.wait_for([&] { return stage.delivery(id) == "delivered"; }));
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("killed in the instant after a receipt was acknowledged: the receipt is kept") {
  Stage stage;
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.carrier("first").receipts_waiting() == 1; }));
  stage.run_for(Millis{200});
  stage.habits.killed_at_edge = 1;  // the next that is written is the acknowledgement
  REQUIRE(stage.wait_for([&] { return !stage.is_up(); }));
  stage.habits.killed_at_edge = 0;
  CHECK(stage.wire().acknowledged_receipts() == 1);
  REQUIRE(stage.wait_for([&] { return stage.is_up(); }));
  CHECK(stage.delivery(id) == "delivered");
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("what a carrier answered while the disk failed is kept once the disk is back") {
  Stage stage;
  stage.carrier("first").answers_in(Millis{500});
  stage.begin();
  const std::string id = stage.send();
  stage.habits.commit_fails = 1;
  stage.run_for(Millis{2'000});
  stage.habits.commit_fails = 0;
  CHECK(stage.wait_for([&] { return stage.delivery(id) == "delivered"; }));
  CHECK(stage.carrier("second").taken() == 0);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a receipt that spells the id in its own way is matched") {
  for (const std::string style : {"upper", "hex", "decimal", "padded", "uuid"}) {
    CAPTURE(style);
    Stage stage;
    stage.carrier("first").fault("receipt-id=" + style);
    stage.begin();
    const std::string id = stage.send();
    CHECK(stage.wait_for([&] { return stage.delivery(id) == "delivered"; }));
  }
}

TEST_CASE("a receipt with a national number is matched, and joined where it comes before the response") {
  for (const bool comes_first : {false, true}) {
    CAPTURE(comes_first);
    Stage stage;
    auto& first = stage.carrier("first");
    first.fault("receipt-national");
    if (comes_first) first.fault("receipt-before-response");
    first.answers_in(Millis{1'000});
    first.delivers_in(Millis{300});
    stage.begin();
    const std::string id = stage.send();
    CHECK(stage.wait_for([&] { return stage.delivery(id) == "delivered"; }, Millis{3'000}));
  }
}

TEST_CASE("an exact id is the proof, whatever number the receipt names") {
  Stage stage;
  stage.carrier("first").fault("receipt-other-phone");
  stage.begin();
  const std::string id = stage.send();
  CHECK(stage.wait_for([&] { return stage.delivery(id) == "delivered"; }));
}

TEST_CASE("an exact id with a strange number is joined though it comes before the response, if later") {
  Stage stage;
  auto& first = stage.carrier("first");
  first.fault("receipt-other-phone");
  first.fault("receipt-before-response");
  first.answers_in(Millis{1'000});
  first.delivers_in(Millis{300});
  stage.begin();
  const std::string id = stage.send();
  CHECK(stage.wait_for([&] { return stage.delivery(id) == "delivered"; }, Millis{130'000}));
  CHECK_FALSE(stage.has_logged("receipt.unmatched"));
}

TEST_CASE("a receipt whose id fits in another base alone, and that names another number, is nobody's") {
  Stage stage;
  stage.carrier("first").fault("receipt-other-phone");
  stage.carrier("first").fault("receipt-id=hex");
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.wire().acknowledged_receipts() == 1; }));
  stage.run_for(Millis{1'000});
  CHECK(stage.delivery(id) == "submitted");
}

TEST_CASE("a final receipt that names no message is acknowledged and kept as unmatched") {
  Stage stage;
  stage.carrier("first").fault("receipt-no-id");
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for(
      [&] { return stage.carrier("first").taken() == 1 && stage.carrier("first").receipts_waiting() == 0; }));
  CHECK(stage.wait_for([&] { return stage.has_logged("receipt.unmatched receipts=1"); }));
}

TEST_CASE("how an account spells ids is learnt from three receipts in a row") {
  Stage stage;
  stage.carrier("first").fault("receipt-id=hex");
  stage.begin();
  const auto deliver_to = [&](const std::string& e164) {
    const auto before = stage.wire().acknowledged_receipts();
    stage.call_and_wait(stage.ask_to_send(e164));
    REQUIRE(stage.wait_for([&] { return stage.wire().acknowledged_receipts() > before; }));
  };
  deliver_to("+37499123001");
  deliver_to("+37499123002");
  CHECK_FALSE(stage.has_logged("receipt.id_base_learnt"));
  deliver_to("+37499123003");
  CHECK(stage.has_logged("receipt.id_base_learnt smsc=first receipt_id=hex"));
}

TEST_CASE("an id that is another message's of the same phone in another base waits for its own response") {
  struct Row {
    Millis answer, delivery;
  };
  // In time, and after the submit was given up.
  for (const Row& row : {Row{Millis{1'000}, Millis{300}}, Row{Millis{7'000}, Millis{3'400}}}) {
    CAPTURE(row.answer.count());
    Settings settings = two_carriers();
    settings.routes.front().failover_after = Seconds{60};
    settings.limits.cooldown = {Seconds{1}};
    settings.limits.sends_per_phone = {{100, Seconds{600}}};
    Stage stage(settings);
    SimulatedSmsc& first = stage.carrier("first");
    first.count_ids_from(1);
    first.fault("receipt-id=upper");  // Of ids in hexadecimal; case never counts.
    stage.begin();
    // 1 to 9 are others'; "a" is this phone's, and read as decimal what "10" is in hexadecimal; so are "b" and "11".
    const auto deliver_to = [&](const std::string& e164) {
      const auto before = stage.wire().acknowledged_receipts();
      stage.call_and_wait(stage.ask_to_send(e164));
      REQUIRE(stage.wait_for([&] { return stage.wire().acknowledged_receipts() > before; }));
    };
    for (int i = 1; i <= 9; ++i) deliver_to(fmt::format("+3749900000{}", i));
    deliver_to(phone);
    REQUIRE(stage.verify(stage.code()) == 200);
    for (int i = 11; i <= 15; ++i) deliver_to(fmt::format("+374990000{}", i));
    first.fault("receipt-before-response");
    first.answers_in(row.answer);
    first.delivers_in(row.delivery);
    const std::string id = stage.send();
    REQUIRE(stage.wait_for([&] { return stage.carrier("first").receipts_waiting() == 0; }));
    CHECK(stage.wait_for([&] { return stage.delivery(id) == "delivered"; }, Millis{6'000}));
    CHECK_FALSE(stage.has_logged("receipt.unmatched"));
    CHECK(stage.chronicle().finding() == "");
  }
}

TEST_CASE("an id that is another message's in another base is nobody's while the phone's own answer is lost") {
  Settings settings = two_carriers();
  settings.routes.front().failover_after = Seconds{60};
  settings.limits.cooldown = {Seconds{1}};
  settings.limits.sends_per_phone = {{100, Seconds{600}}};
  Stage stage(settings);
  SimulatedSmsc& first = stage.carrier("first");
  first.count_ids_from(10);
  first.fault("receipt-id=upper");  // Of ids in hexadecimal: "a" is the first, and read as decimal what "10" is.
  first.fault("receipt-never");
  stage.begin();
  const std::string earlier = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.has_text(); }));
  REQUIRE(stage.verify(stage.code()) == 200);
  for (int i = 11; i <= 15; ++i) stage.call_and_wait(stage.ask_to_send(fmt::format("+374990000{}", i)));
  REQUIRE(stage.wait_for([&] { return first.taken() == 6; }));
  first.fault("receipt-never=off");
  first.delivers_in(Millis{8'000});
  first.fault("drop-response");
  stage.send();
  REQUIRE(stage.wait_for([&] { return first.taken() == 7; }));
  stage.kill(Death::killed);
  stage.revive();
  REQUIRE(stage.wait_for([&] { return first.receipts_waiting() == 0; }));
  stage.run_for(Millis{1'000});
  CHECK(stage.delivery(earlier) == "submitted");
  CHECK(stage.chronicle().finding() == "");
}
