#include <doctest/doctest.h>

#include "scenarios/stage.h"

using namespace xion;
using namespace xion::sim;

TEST_CASE("a receipt that comes before its response is parked, acknowledged, and joined") {
  Stage stage;
  auto& habits = stage.carrier("first").habits;
  habits.receipt_first = 1;
  habits.answer_min = habits.answer_max = Millis{2'000};
  habits.delivery_min = habits.delivery_max = Millis{300};
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
  stage.carrier("first").habits.answer_min = stage.carrier("first").habits.answer_max = Millis{500};
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
  for (const auto form :
       {smpp::IdForm::upper_case, smpp::IdForm::hex_of_decimal, smpp::IdForm::hex_upper, smpp::IdForm::padded_10}) {
    CAPTURE(smpp::id_form_text(form));
    Stage stage;
    stage.carrier("first").habits.receipt_id = form;
    stage.begin();
    const std::string id = stage.send();
    CHECK(stage.wait_for([&] { return stage.delivery(id) == "delivered"; }));
  }
}
