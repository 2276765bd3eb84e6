#include <doctest/doctest.h>

#include "scenarios/stage.h"

using namespace xion;
using namespace xion::sim;

TEST_CASE("killed between accept and submit: the message is sent after the restart") {
  Stage stage;
  stage.carrier("first").fault("bind-fail");
  stage.carrier("second").fault("bind-fail");
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(!id.empty());
  stage.kill(Death::killed);
  CHECK(stage.carrier("first").taken() == 0);

  stage.carrier("first").fault("bind-fail=off");
  stage.revive();
  REQUIRE(stage.wait_for([&] { return stage.has_text(); }));
  CHECK(stage.verify(stage.code()) == 200);
  CHECK(stage.texts_of(phone).size() == 1);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("killed right after a code verified: it does not verify again") {
  Stage stage;
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.has_text(); }));
  REQUIRE(stage.verify(stage.code()) == 200);
  stage.kill(Death::power_loss);
  stage.revive();
  CHECK(stage.wait_for([&] { return stage.is_up(); }));
  CHECK(stage.verify(stage.code()) == 410);
  CHECK(stage.read(id).starts_with(R"({"ok":true,"status":"verified")"));
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("wrong guesses made before a crash are counted after it") {
  Stage stage;
  stage.begin();
  stage.send();
  REQUIRE(stage.wait_for([&] { return stage.has_text(); }));
  const std::string wrong = stage.code() == "000000" ? "111111" : "000000";
  for (int i = 0; i < 3; ++i) CHECK(stage.verify(wrong) == 422);
  stage.kill(Death::killed);
  stage.revive();
  CHECK(stage.wait_for([&] { return stage.is_up(); }));
  for (int i = 0; i < 2; ++i) CHECK(stage.verify(wrong) == 422);
  CHECK(stage.verify(stage.code()) == 423);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a call that a crash cut gets its one answer under the same Idempotency-Key") {
  Stage stage;
  stage.begin();
  Ask ask = stage.ask_to_send(phone);
  ask.idempotency_key = "once";
  std::optional<Told> first;
  stage.call(ask, [&](const Told& told) { first = told; });
  // The commit that holds the send is on disk, and nobody was told yet.
  const std::size_t asked_before = stage.ledger().waiting();
  while (stage.ledger().waiting() == asked_before) stage.agenda().step();
  const std::size_t commits = stage.commits();
  while (stage.commits() == commits) stage.agenda().step();
  stage.kill(Death::killed);
  stage.revive();
  REQUIRE(stage.wait_for([&] { return stage.is_up() && first.has_value(); }));
  CHECK(!first->has_value());

  ++ask.number;
  const Told told = stage.call_and_wait(ask);
  REQUIRE(told.has_value());
  CHECK(told->status == 202);
  CHECK(member_of(told->body, "sends") == "1");
  ++ask.number;
  const Told again = stage.call_and_wait(ask);
  REQUIRE(again.has_value());
  CHECK(again->body == told->body);
  CHECK(header_of(*again, "Idempotency-Replayed") == "true");
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("an orderly restart loses no message and sends none twice") {
  Stage stage;
  stage.carrier("first").answers_in(Millis{1'000});
  stage.begin();
  stage.send();
  bool is_stopped = false;
  stage.gateway().stop([&] { is_stopped = true; });
  REQUIRE(stage.wait_for([&] { return is_stopped; }));
  stage.kill(Death::killed);
  stage.revive();
  REQUIRE(stage.wait_for([&] { return stage.has_text(); }));
  stage.run_for(Millis{10'000});
  CHECK(stage.texts_of(phone).size() == 1);
  CHECK(stage.verify(stage.code()) == 200);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("a request that ended before a crash leaves no message under way after it") {
  Stage stage;
  stage.carrier("first").fault("drop-response");
  stage.carrier("first").delivers_in(Millis{400});
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.has_text(); }, Millis{2'500}));
  stage.carrier("second").fault("bind-fail");
  REQUIRE(stage.verify(stage.code()) == 200);
  stage.kill(Death::killed);
  stage.revive();
  REQUIRE(stage.wait_for([&] { return stage.is_up(); }));
  stage.run_for(Millis{1'000});
  CHECK(stage.delivery(id) != "queued");
}
