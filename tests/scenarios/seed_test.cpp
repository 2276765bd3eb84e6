#include <doctest/doctest.h>

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
