#include "core/limits/pace.h"

#include <doctest/doctest.h>

using namespace xion;

namespace {

constexpr MonoTime pace_start{Millis{1'000'000}};

}  // namespace

TEST_CASE("a throttled bind rests for a second at half its rate") {
  Pace pace(40);
  CHECK(pace.throttled(pace_start));
  CHECK(pace.rate() == 20);
  CHECK(pace.is_resting(pace_start + Millis{999}));
  CHECK_FALSE(pace.is_resting(pace_start + Pace::rest));
  CHECK(pace.next(pace_start) >= pace_start + Pace::rest);
}

TEST_CASE("a burst of throttled answers halves the rate once") {
  Pace pace(40);
  CHECK(pace.throttled(pace_start));
  CHECK_FALSE(pace.throttled(pace_start + Millis{500}));
  CHECK(pace.rate() == 20);
  CHECK(pace.throttled(pace_start + Pace::rest));
  CHECK(pace.rate() == 10);
}

TEST_CASE("the rate comes back by a twentieth a second, and no further than it was") {
  Pace pace(40);
  pace.throttled(pace_start);
  const MonoTime rested = pace_start + Pace::rest;
  pace.recover(rested + Millis{999});
  CHECK(pace.rate() == 20);
  pace.recover(rested + Millis{1'000});
  CHECK(pace.rate() == 22);
  for (int seconds = 2; seconds < 30; ++seconds) pace.recover(rested + Millis{1'000} * seconds);
  CHECK(pace.rate() == 40);
}

TEST_CASE("where no rate is configured, half of what was sent is the limit until it is regained") {
  Pace pace(0);
  pace.recover(pace_start);
  for (int i = 0; i < 100; ++i) CHECK(pace.take(pace_start));
  pace.throttled(pace_start + Millis{10});
  CHECK(pace.rate() == 50);
  for (int seconds = 2; seconds < 30; ++seconds) pace.recover(pace_start + Millis{1'000} * seconds);
  CHECK(pace.rate() == 0);
}
