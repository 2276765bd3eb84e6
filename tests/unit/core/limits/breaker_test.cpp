#include "core/limits/breaker.h"

#include <doctest/doctest.h>

using namespace xion;

namespace {

constexpr MonoTime began_at{Millis{1'000'000}};

Breaker opened_breaker() {
  Breaker breaker;
  for (int i = 0; i < 5; ++i) breaker.failed(began_at);
  return breaker;
}

}  // namespace

TEST_CASE("a breaker opens after five failures in a row, and not after four") {
  Breaker breaker;
  for (int i = 0; i < 4; ++i) CHECK_FALSE(breaker.failed(began_at));
  CHECK(breaker.state(began_at) == BreakerState::closed);
  CHECK(breaker.failed(began_at));
  CHECK(breaker.state(began_at) == BreakerState::open);
}

TEST_CASE("a breaker opens where every second message fails, and not where every third does") {
  Breaker half;
  Breaker third;
  for (int i = 0; i < 60; ++i) {
    i % 2 == 0 ? half.failed(began_at) : half.succeeded();
    i % 3 == 0 ? third.failed(began_at) : third.succeeded();
  }
  CHECK(half.state(began_at) == BreakerState::open);
  CHECK(third.state(began_at) == BreakerState::closed);
}

TEST_CASE("one message finds out whether an open breaker may close") {
  Breaker breaker = opened_breaker();
  const MonoTime later = began_at + Breaker::first_wait;
  CHECK(breaker.state(later - Millis{1}) == BreakerState::open);
  CHECK(breaker.state(later) == BreakerState::half_open);
  breaker.asked(later);
  CHECK(breaker.state(later) == BreakerState::open);  // For all but the one.
  CHECK(breaker.succeeded());
  CHECK(breaker.state(later) == BreakerState::closed);
}

TEST_CASE("a probe that fails doubles the wait, and one that is never answered makes room for the next") {
  Breaker breaker = opened_breaker();
  MonoTime now = began_at + Breaker::first_wait;
  breaker.asked(now);
  CHECK(breaker.failed(now));
  CHECK(breaker.state(now + Breaker::first_wait) == BreakerState::open);
  now += Breaker::first_wait * 2;
  CHECK(breaker.state(now) == BreakerState::half_open);
  breaker.asked(now);
  CHECK(breaker.state(now + Breaker::first_wait * 2) == BreakerState::half_open);
}

TEST_CASE("messages that were under way when a breaker opened tell nothing new") {
  Breaker breaker = opened_breaker();
  CHECK_FALSE(breaker.failed(began_at));
  CHECK_FALSE(breaker.succeeded());
  CHECK(breaker.state(began_at) == BreakerState::open);
  CHECK(breaker.state(began_at + Breaker::first_wait) == BreakerState::half_open);
}
