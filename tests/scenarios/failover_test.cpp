#include <doctest/doctest.h>

#include "scenarios/stage.h"

using namespace xion;
using namespace xion::sim;

TEST_CASE("a throttled carrier is slowed down, and the message leaves by the other one") {
  Stage stage;
  stage.carrier("first").fault("throttle");
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.has_text(); }));
  CHECK(stage.carrier("second").taken() == 1);
  CHECK(stage.has_logged("smsc.throttled smsc=first"));
  for (const CarrierView& view : stage.gateway().services().carriers->view()) {
    if (view.name == "first") CHECK(view.rate_allowed < view.rate);
    if (view.name == "second") CHECK(view.rate_allowed == view.rate);
  }
  CHECK(stage.verify(stage.code()) == 200);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a refusal sends the message to the next carrier at once") {
  Stage stage;
  stage.carrier("first").refuse(smpp::status::rinvdstadr);
  stage.begin();
  stage.send();
  REQUIRE(stage.wait_for([&] { return stage.carrier("second").taken() == 1; }, Millis{1'000}));
  CHECK(stage.carrier("first").taken() == 0);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a response that is lost: the message goes once more, by the other carrier, and is marked") {
  Stage stage;
  stage.carrier("first").fault("drop-response");
  stage.carrier("first").fault("receipt-never");
  stage.carrier("second").fault("drop-response");
  stage.carrier("second").fault("receipt-never");
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.carrier("second").taken() == 1; }));
  stage.run_for(Millis{60'000});
  CHECK(stage.carrier("first").taken() == 1);
  CHECK(stage.carrier("second").taken() == 1);
  CHECK(stage.read(id).find(R"("possibleDuplicate":true)") != std::string::npos);
  REQUIRE(stage.texts_of(phone).size() == 2);
  CHECK(stage.texts_of(phone)[0] == stage.texts_of(phone)[1]);
  CHECK(stage.verify(stage.code()) == 200);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a connection that dies silently is noticed, and the message goes by the other carrier") {
  Stage stage;
  stage.begin();
  stage.carrier("first").fault("silent-after=1");
  stage.send();
  REQUIRE(stage.wait_for([&] { return stage.carrier("second").taken() == 1; }));
  stage.carrier("first").fault("silent-after=off");
  CHECK(stage.wait_for([&] { return stage.has_logged("smsc.link.closed smsc=first"); }, Millis{10'000}));
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a carrier that resets its connection is bound again") {
  Stage stage;
  stage.begin();
  stage.carrier("first").disconnect();
  stage.run_for(Millis{500});
  CHECK(stage.wait_for([&] { return stage.carrier("first").bound() == 1; }, Millis{5'000}));
  stage.send();
  CHECK(stage.wait_for([&] { return stage.carrier("first").taken() == 1; }));
}

TEST_CASE("a message that waits behind throttling is taken back when its request ends") {
  Settings settings = two_carriers();
  settings.routes.front().carriers = {{"first"}};
  settings.limits.cooldown = {Seconds{1}};
  Stage stage(settings);
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.has_text(); }));
  stage.run_for(Millis{1'000});  // The cooldown.
  stage.carrier("first").fault("throttle");
  REQUIRE(stage.send() == id);
  stage.run_for(Millis{200});
  REQUIRE(stage.verify(stage.code()) == 200);
  stage.carrier("first").fault("throttle=off");
  stage.run_for(Millis{20'000});
  CHECK(stage.carrier("first").taken() == 1);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a message behind a long text whose first part is not answered goes by the other carrier") {
  Settings settings = two_carriers();
  settings.carriers.front().window = 1;
  settings.routes.front().failover_after = Seconds{3};
  Stage stage(settings);
  stage.carrier("first").fault("drop-response");
  stage.carrier("second").delivers_in(Millis{300});
  stage.begin();
  const std::string two_parts =
      fmt::format(R"(,"webOrigin":"{}.{}.example")", std::string(60, 'a'), std::string(60, 'b'));
  stage.call_and_wait(stage.ask_to_send("+37499000001", two_parts));
  stage.send();
  CHECK(stage.wait_for([&] { return stage.has_text(); }, Millis{2'500}));
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("what a bind gives back goes by the other carrier, not by the next bind of the same one") {
  Settings settings = two_carriers();
  settings.carriers.front().binds = 2;
  Stage stage(settings);
  stage.carrier("first").fault("throttle");
  stage.carrier("first").answers_in(Millis{400});
  stage.begin();
  stage.send();
  REQUIRE(stage.wait_for([&] { return stage.carrier("second").taken() == 1; }));
  const auto throttled = std::ranges::count_if(
      stage.log(), [](const std::string& line) { return line.starts_with("smsc.throttled smsc=first bind=2"); });
  CHECK(throttled == 0);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("what a bind gives back does not go to a carrier that fails, while its own has room") {
  Settings settings = two_carriers();
  settings.carriers.front().binds = 2;
  Stage stage(settings);
  stage.begin();
  Carriers& carriers = *stage.gateway().services().carriers;
  carriers.pause("first");
  stage.carrier("second").refuse(smpp::status::rsyserr, 5);
  for (int i = 0; i < 5; ++i) stage.call_and_wait(stage.ask_to_send(fmt::format("+3749900000{}", i)));
  REQUIRE(stage.wait_for([&] { return stage.has_logged("smsc.breaker.open smsc=second"); }));
  carriers.resume("first");
  stage.run_for(Millis{1'000});
  const std::size_t before = stage.carrier("second").taken();
  stage.carrier("first").refuse(smpp::status::rthrottled);
  stage.send();
  CHECK(stage.wait_for([&] { return stage.has_logged("smsc.throttled smsc=first"); }));
  CHECK(stage.wait_for([&] { return stage.carrier("first").taken() == 6; }, Millis{3'000}));
  CHECK(stage.carrier("second").taken() == before);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("an answer that crosses the carrier's word that the bind is none is kept") {
  Stage stage;
  SimulatedSmsc& first = stage.carrier("first");
  first.answers_in(Millis{500});
  first.fault("receipt-never");
  stage.begin();
  const std::string id = stage.send();
  stage.run_for(Millis{100});
  first.answers_in(Millis{200});
  stage.carrier("first").refuse(smpp::status::rinvbndsts);
  stage.call_and_wait(stage.ask_to_send("+37499000001"));
  stage.run_for(Millis{5'000});
  CHECK(stage.has_logged("smsc.link.closed smsc=first"));
  CHECK(stage.delivery(id) == "submitted");
  CHECK(stage.read(id).find(R"("possibleDuplicate":true)") == std::string::npos);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a long text of which no part was taken is taken back when its request ends") {
  // The first carrier refuses every part, too late. At the second the first part is refused too late, and the next is
  // throttled by then and waits at the bind. Nothing else looks after it: the text may be at the phone twice already.
  Settings settings = two_carriers();
  settings.carriers.back().window = 1;
  settings.otp.attempts = 1;
  Stage stage(settings);
  SimulatedSmsc& second = stage.carrier("second");
  for (SimulatedSmsc* each : {&stage.carrier("first"), &second}) each->answers_in(Millis{2'600});
  stage.carrier("first").refuse(smpp::status::rinvdstadr, 3);
  second.refuse(smpp::status::rinvdstadr);
  stage.begin();
  stage.send(fmt::format(R"(,"webOrigin":"{}.{}.example")", std::string(60, 'a'), std::string(60, 'b')));
  REQUIRE(stage.wait_for([&] { return stage.has_logged("smsc.pdu smsc=second bind=1 sent command_id=submit_sm"); }));
  stage.run_for(Millis{1'000});
  second.refuse(smpp::status::rthrottled);
  second.answers_in(Millis{50});
  REQUIRE(stage.wait_for([&] { return stage.has_logged("smsc.throttled smsc=second"); }));
  REQUIRE(stage.wait_for([&] { return stage.has_logged("submit.late_answer smsc=second"); }));
  REQUIRE(stage.verify("000000") == 422);
  stage.run_for(Millis{20'000});
  CHECK(second.taken() == 0);
  CHECK(stage.chronicle().finding() == "");
}
