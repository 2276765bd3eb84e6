#include <doctest/doctest.h>

#include "scenarios/stage.h"

using namespace xion;
using namespace xion::sim;

namespace {

Settings three_carriers() {
  Settings settings = two_carriers();
  settings.carriers.push_back(carrier_named("third"));
  settings.routes.front().carriers.push_back({"third"});
  return settings;
}

CarrierView view_of(Stage& stage, std::string_view name) {
  for (const CarrierView& view : stage.gateway().services().carriers->view()) {
    if (view.name == name) return view;
  }
  return {};
}

std::string number(int i) { return fmt::format("+3749912{:04}", i); }

void send_to(Stage& stage, const std::string& to) {
  const Told told = stage.call_and_wait(stage.ask_to_send(to));
  REQUIRE(told);
  REQUIRE(told->status == 202);
}

}  // namespace

TEST_CASE("two carriers agree that there is no such number: the request fails, and a third is not asked") {
  Stage stage(three_carriers());
  stage.carrier("first").refuse(smpp::status::rinvdstadr);
  stage.carrier("second").refuse(smpp::status::rinvdstadr);
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return member_of(stage.read(id), "status") == "failed"; }, Millis{2'000}));
  CHECK(member_of(stage.read(id), "reason") == "invalid_number");
  CHECK(stage.delivery(id) == "rejected");
  stage.run_for(Millis{10'000});
  CHECK(stage.carrier("third").taken() == 0);
}

TEST_CASE("what two carriers refuse for different reasons goes to no third, and the request can still be verified") {
  Stage stage(three_carriers());
  stage.carrier("first").refuse(smpp::status::rinvsrcadr);
  stage.carrier("second").refuse(smpp::status::rinvesmclass);
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.delivery(id) == "rejected"; }, Millis{2'000}));
  CHECK(member_of(stage.read(id), "status") == "pending");
  CHECK(stage.carrier("third").taken() == 0);
  CHECK(stage.has_logged("smsc.submit.mistake smsc=second"));
}

TEST_CASE("carriers that are busy refuse nothing: the message goes on to the third") {
  Stage stage(three_carriers());
  stage.carrier("first").refuse(smpp::status::rsyserr);
  stage.carrier("second").refuse(smpp::status::rsubmitfail);
  stage.begin();
  stage.send();
  CHECK(stage.wait_for([&] { return stage.carrier("third").taken() == 1; }, Millis{1'000}));
}

TEST_CASE("without an answer the next carrier has the message within the failover time and a second") {
  Settings settings = two_carriers();
  settings.carriers[0].response_timeout = Millis{20'000};  // Longer than the route waits.
  Stage stage(settings);
  stage.carrier("first").fault("drop-response");
  stage.carrier("first").fault("receipt-never");
  stage.begin();
  const std::string id = stage.send();
  CHECK(stage.wait_for([&] { return stage.carrier("second").taken() == 1; }, Millis{3'000}));
  CHECK(stage.read(id).find(R"("possibleDuplicate":true)") != std::string::npos);
}

TEST_CASE("what waits behind a carrier that answers nothing goes by the other in time, and nothing twice") {
  Settings settings = two_carriers();
  settings.carriers[0].window = 1;
  Stage stage(settings);
  stage.begin();
  stage.carrier("first").fault("drop-response");
  stage.carrier("first").fault("receipt-never");
  for (int i = 0; i < 8; ++i) send_to(stage, number(i));
  CHECK(stage.wait_for([&] { return stage.carrier("second").taken() >= 7; }, Millis{3'000}));
  CHECK(stage.carrier("first").taken() <= 3);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a carrier whose binds all come back no sooner than its minimum, an operator's wish or not") {
  Settings settings = two_carriers();
  settings.carriers[0].reconnect_min = Millis{30'000};
  settings.carriers[0].reconnect_max = Millis{60'000};
  Stage stage(settings);
  stage.begin();
  stage.carrier("first").disconnect();
  stage.run_for(Millis{1'000});
  stage.gateway().services().carriers->reconnect("first");
  stage.run_for(Millis{28'900});
  CHECK(stage.carrier("first").bound() == 0);
  CHECK(view_of(stage, "first").next_retry_in.has_value());
  CHECK(stage.wait_for([&] { return stage.carrier("first").bound() == 1; }, Millis{40'000}));
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a drained carrier finishes what is in flight, unbinds, and comes back when it is resumed") {
  Stage stage;
  stage.carrier("first").answers_in(Millis{1'500});
  stage.begin();
  const std::string id = stage.send();
  stage.run_for(Millis{100});
  REQUIRE(stage.gateway().services().carriers->drain("first"));
  CHECK(view_of(stage, "first").state == "draining");
  CHECK(stage.carrier("first").bound() == 1);
  REQUIRE(stage.wait_for([&] { return stage.carrier("first").bound() == 0; }, Millis{2'500}));
  CHECK(stage.delivery(id) != "queued");
  CHECK(stage.carrier("first").taken() == 1);
  send_to(stage, number(1));
  CHECK(stage.wait_for([&] { return stage.carrier("second").taken() == 1; }, Millis{1'000}));
  stage.gateway().services().carriers->resume("first");
  CHECK(stage.wait_for([&] { return stage.carrier("first").bound() == 1; }, Millis{3'000}));
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a carrier that fails every message is passed over until one message finds that it works again") {
  Stage stage;
  stage.begin();
  stage.carrier("first").refuse(smpp::status::rsyserr, 5);
  for (int i = 0; i < 5; ++i) {
    send_to(stage, number(i));
    stage.run_for(Millis{300});
  }
  CHECK(stage.has_logged("smsc.breaker.open smsc=first"));
  CHECK(view_of(stage, "first").breaker == BreakerState::open);
  send_to(stage, number(5));
  stage.run_for(Millis{300});
  CHECK(stage.carrier("first").taken() == 0);
  CHECK(stage.carrier("second").taken() == 6);
  stage.run_for(Breaker::first_wait);
  send_to(stage, number(6));
  stage.run_for(Millis{300});
  CHECK(stage.carrier("first").taken() == 1);
  CHECK(stage.has_logged("smsc.breaker.closed smsc=first"));
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("all binds of an account together keep its rate") {
  Settings settings = two_carriers();
  settings.routes.front().carriers = {{"first"}};
  settings.carriers[0].binds = 3;
  settings.carriers[0].rate = 0;
  settings.carriers[0].account_rate = 5;
  Stage stage(settings);
  stage.begin();
  for (int i = 0; i < 40; ++i) send_to(stage, number(i));
  stage.run_for(Millis{2'000});
  CHECK(stage.carrier("first").taken() <= 40);
  CHECK(stage.wait_for([&] { return stage.carrier("first").taken() == 40; }, Millis{20'000}));
  CHECK(view_of(stage, "first").rate == 5);
  CHECK(view_of(stage, "first").each_bind.size() == 3);
  CHECK(stage.chronicle().finding() == "");  // The auditor counts what leaves.
}

TEST_CASE("an account whose receiver alone is bound takes no message") {
  Settings settings = two_carriers();
  settings.carriers[0].bind = "transmitter+receiver";
  Stage stage(settings);
  stage.begin();
  CHECK(view_of(stage, "first").binds == 2);
  stage.send();
  CHECK(stage.wait_for([&] { return stage.carrier("first").taken() == 1; }, Millis{1'000}));
  CHECK(stage.wait_for([&] { return stage.has_text(); }));
}

TEST_CASE("a route that is down for five seconds is told, and its return, and a shorter absence is nobody's business") {
  for (const Millis away : {Millis{2'000}, Millis{12'000}}) {
    CAPTURE(away.count());
    Settings settings = two_carriers();
    settings.carriers = {carrier_named("first")};
    settings.carriers.front().reconnect_min = away;
    settings.routes.front().carriers = {{"first"}};
    Stage stage(settings);
    stage.begin();
    REQUIRE(stage.carrier("first").bound() == 1);
    stage.carrier("first").disconnect();
    stage.run_for(Millis{4'500});
    CHECK_FALSE(stage.has_logged("route.down"));
    // It is looked at once a second.
    stage.run_for(Millis{2'500});
    CHECK(stage.has_logged("route.down route=default") == (away > Millis{5'000}));
    REQUIRE(stage.wait_for([&] { return stage.carrier("first").bound() == 1; }));
    stage.run_for(Millis{1'500});
    CHECK(stage.has_logged("route.up route=default") == (away > Millis{5'000}));
  }
}
