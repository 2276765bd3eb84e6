#include "core/limits/demand.h"

#include <doctest/doctest.h>

#include <vector>

namespace xion {
namespace {

using Others = std::vector<std::optional<double>>;

MonoTime millis(int after) { return MonoTime{} + Millis{after}; }

}  // namespace

TEST_CASE("whoever asks at one node alone has the whole rate there") {
  CHECK(share_of_rate(5, Others{0.0, 0.0}) == 1);
  CHECK(share_of_rate(5, Others{}) == 1);
  CHECK(share_of_rate(0, Others{0.0}) == 1);
}

TEST_CASE("the rate is shared as it is asked for") {
  CHECK(share_of_rate(6, Others{3.0, 3.0}) == doctest::Approx(0.5));
  CHECK(share_of_rate(1, Others{3.0}) == doctest::Approx(0.25));
}

TEST_CASE("a node at which nobody asks keeps a little for whoever comes") {
  CHECK(share_of_rate(0, Others{10.0}) == doctest::Approx(0.125));
  CHECK(share_of_rate(0, Others{10.0, 0.0, 0.0}) == doctest::Approx(0.0625));
}

TEST_CASE("a demand that is not known makes all parts equal") {
  CHECK(share_of_rate(std::nullopt, Others{10.0}) == doctest::Approx(0.5));
  CHECK(share_of_rate(100, Others{10.0, std::nullopt}) == doctest::Approx(1.0 / 3));
}

TEST_CASE("shares of nodes that know the same add up to the rate, but for what is kept for whoever comes") {
  const std::vector<double> demands{0, 1, 7, 42};
  double together = 0;
  for (std::size_t self = 0; self < demands.size(); ++self) {
    Others others;
    for (std::size_t at = 0; at < demands.size(); ++at)
      if (at != self) others.emplace_back(demands[at]);
    together += share_of_rate(demands[self], others);
  }
  CHECK(together >= 1);
  CHECK(together <= 1.25);
}

TEST_CASE("a meter tells a steady pace after a few seconds, and forgets it after as many") {
  DemandMeter meter;
  CHECK(meter.per_second(millis(0)) == 0);
  int now = 0;
  for (; now < 10'000; now += 100) meter.note(millis(now));
  CHECK(meter.per_second(millis(now)) == doctest::Approx(10).epsilon(0.1));
  CHECK(meter.per_second(millis(now + 2'000)) < 4);
  CHECK(meter.per_second(millis(now + 20'000)) < 0.01);
}

}  // namespace xion
