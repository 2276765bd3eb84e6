#include "core/limits/full_queues.h"

#include <doctest/doctest.h>

#include <string>

using namespace xion;

namespace {

constexpr MonoTime first_answer{Millis{100'000}};

}  // namespace

TEST_CASE("one phone whose queue is always full is its own, however often it is tried") {
  FullQueues queues;
  for (int i = 0; i < 20; ++i) queues.note("37499000001", true, first_answer);
  CHECK_FALSE(queues.is_of_carrier(first_answer));
}

TEST_CASE("a few full queues among many others are their phones'") {
  FullQueues queues;
  for (int i = 0; i < 40; ++i) queues.note("3749900" + std::to_string(1000 + i), i % 4 == 0, first_answer);
  CHECK_FALSE(queues.is_of_carrier(first_answer));
}

TEST_CASE("where most numbers get it, it is the carrier's queue, until that is a while ago") {
  FullQueues queues;
  for (int i = 0; i < 3; ++i) queues.note("3749900" + std::to_string(1000 + i), true, first_answer);
  CHECK(queues.is_of_carrier(first_answer));
  CHECK(queues.is_of_carrier(first_answer + Millis{5'000}));
  CHECK_FALSE(queues.is_of_carrier(first_answer + Millis{5'001}));
}
