#include "app/codes/rates.h"

#include <doctest/doctest.h>

#include "unit/desk.h"

namespace xion {

TEST_CASE("rates are those of the last minutes, and of the time since the start while that is shorter") {
  Desk desk;
  Services& services = desk.gateway.services();
  Rates rates(services);
  const auto run = [&](Seconds span, std::uint64_t a_second) {
    for (int i = 0; i < span.count(); ++i) {
      services.measures.sends["sent"] += a_second;
      services.measures.receipts["primary"].by_state[MessageState::delivered] += a_second;
      services.measures.receipts["backup"].by_state[MessageState::undelivered] += a_second;
      desk.loop.run(Millis{1000});
    }
  };
  run(Seconds{20}, 10);
  CHECK(rates.per_second(Rates::sends, Seconds{60}) == doctest::Approx(10).epsilon(0.1));
  CHECK(rates.per_second(Rates::deliveries, Seconds{300}) == doctest::Approx(10).epsilon(0.1));
  CHECK(rates.per_second(Rates::verifies, Seconds{60}) == 0);
  run(Seconds{600}, 2);
  CHECK(rates.per_second(Rates::sends, Seconds{60}) == doctest::Approx(2).epsilon(0.1));
  CHECK(rates.per_second(Rates::sends, Seconds{300}) == doctest::Approx(2).epsilon(0.1));
  run(Seconds{70}, 0);
  CHECK(rates.per_second(Rates::sends, Seconds{60}) == 0);
  CHECK(rates.per_second(Rates::sends, Seconds{300}) > 1);
  CHECK(rates.total(Rates::sends) == 20 * 10 + 600 * 2);
}

}  // namespace xion
