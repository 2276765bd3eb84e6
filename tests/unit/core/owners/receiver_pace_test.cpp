#include "core/owners/receiver_pace.h"

#include <doctest/doctest.h>

using namespace xion;

namespace {

constexpr MonoTime pace_began{Millis{1'000'000}};

}  // namespace

TEST_CASE("a receiver that answers quickly gets more calls at once, up to a bound") {
  ReceiverPace pace;
  CHECK(pace.room(0, pace_began) == ReceiverPace::slots_first);
  for (int i = 0; i < 10; ++i) pace.ended(CallEnd::taken, Millis{5}, pace_began);
  CHECK(pace.slots() == ReceiverPace::slots_first + 10);
  CHECK(pace.room(13, pace_began) == 1);
  CHECK(pace.room(20, pace_began) == 0);
  for (int i = 0; i < 200; ++i) pace.ended(CallEnd::taken, Millis{5}, pace_began);
  CHECK(pace.slots() == ReceiverPace::slots_most);
}

TEST_CASE("answers that are neither quick nor slow leave the slots as they are") {
  ReceiverPace pace;
  pace.ended(CallEnd::taken, Millis{1'000}, pace_began);
  CHECK(pace.slots() == ReceiverPace::slots_first);
}

TEST_CASE(
    "a slow receiver, and one that asks for less, gets half as many, once for those that were under way together") {
  for (const CallEnd end : {CallEnd::taken, CallEnd::pushed}) {
    ReceiverPace pace;
    for (int i = 0; i < 60; ++i) pace.ended(CallEnd::taken, Millis{5}, pace_began);
    for (int i = 0; i < 64; ++i) pace.ended(end, Millis{3'000}, pace_began + Millis{3'000});
    CHECK(pace.slots() == 32);
    pace.ended(end, Millis{3'000}, pace_began + Millis{6'000});
    CHECK(pace.slots() == 16);
    for (int i = 0; i < 20; ++i) pace.ended(end, Millis{3'000}, pace_began + Millis{9'000 + 3'000 * i});
    CHECK(pace.slots() == 1);
  }
}

TEST_CASE("one that never answers is called no more, but for one call in a while, until it answers") {
  ReceiverPace pace;
  MonoTime now = pace_began;
  for (int i = 0; i < 5; ++i) {
    pace.called(now);
    pace.ended(CallEnd::silent, Millis{15'000}, now);
  }
  CHECK(pace.is_resting(now));
  CHECK(pace.room(0, now) == 0);
  now += Millis{5'000};
  CHECK(pace.room(0, now) == 1);
  CHECK(pace.room(1, now) == 0);
  pace.called(now);
  CHECK(pace.room(0, now) == 0);
  pace.ended(CallEnd::silent, Millis{15'000}, now);
  CHECK(pace.room(0, now + Millis{9'999}) == 0);
  now += Millis{10'000};
  CHECK(pace.room(0, now) == 1);
  pace.called(now);
  CHECK(pace.ended(CallEnd::taken, Millis{5}, now));
  CHECK_FALSE(pace.is_resting(now));
  CHECK(pace.room(0, now) == 2);
}

TEST_CASE("an answer of any status is an answer, 429 and 5xx ask for less") {
  CHECK(call_end_of(0) == CallEnd::silent);
  for (const int status : {200, 204, 302, 400, 404, 410}) CHECK(call_end_of(status) == CallEnd::taken);
  for (const int status : {429, 500, 503}) CHECK(call_end_of(status) == CallEnd::pushed);
}
