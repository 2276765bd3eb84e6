#include <doctest/doctest.h>

#include "scenarios/stage.h"
#include "sim/seed_run.h"

using namespace xion;
using namespace xion::sim;

TEST_CASE("a seed plays the same every time, or no finding could be replayed") {
  for (const std::uint64_t seed : {3, 7, 11}) {
    const auto first = run_seed(seed, Millis{60'000}, false);
    const auto second = run_seed(seed, Millis{60'000}, false);
    CHECK(first.digest == second.digest);
    CHECK(first.steps == second.steps);
  }
}

TEST_CASE("tasks that are broken off and applied again leave their effects once") {
  Stage stage;
  stage.habits.tasks.broken_off = 1;
  stage.begin();
  const std::string id = stage.send();
  REQUIRE(stage.wait_for([&] { return stage.has_text(); }));
  std::string wrong = stage.code();
  wrong.front() = wrong.front() == '0' ? '1' : '0';
  CHECK(stage.verify(wrong) == 422);
  CHECK(stage.verify(stage.code()) == 200);
  CHECK(stage.verify(stage.code()) == 410);
  CHECK(stage.read(id).find(R"("sends":1,)") != std::string::npos);
  CHECK(stage.texts_of(phone).size() == 1);
  CHECK(stage.task_counts().broken_off > 10);
  CHECK(stage.chronicle().finding() == "");
}

TEST_CASE("tasks that come a batch later, in any order, are told one answer each") {
  Stage stage;
  stage.habits.tasks.deferred = 0.5;
  stage.habits.tasks.shuffled = 1;
  stage.habits.commit_min = stage.habits.commit_max = Millis{200};
  stage.begin();
  stage.send();
  REQUIRE(stage.wait_for([&] { return stage.has_text(); }));
  int verified = 0, used = 0;
  for (int i = 0; i < 10; ++i) {
    stage.call(stage.ask_to_verify(phone, stage.code()), [&](const Told& told) {
      verified += told && told->status == 200 ? 1 : 0;
      used += told && told->status == 410 ? 1 : 0;
    });
  }
  CHECK(stage.wait_for([&] { return verified + used == 10; }));
  CHECK(verified == 1);
  CHECK(stage.task_counts().put_off > 0);
  CHECK(stage.chronicle().finding() == "");
}
