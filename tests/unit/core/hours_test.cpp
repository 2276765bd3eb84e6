#include "core/hours.h"

#include <doctest/doctest.h>

using namespace xion;

TEST_CASE("hours are read and written with their zone") {
  for (const auto* text : {"08:00-22:00 UTC", "22:30-06:00 +04:00", "00:00-24:00 -03:30"}) {
    const auto hours = parse_hours(text);
    REQUIRE(hours);
    CHECK(to_string(*hours) == text);
  }
  for (const auto* text : {"", "08:00-22:00", "8:00-22:00 UTC", "08:00-22:00 Asia/Yerevan", "08:00-08:00 UTC",
                           "24:00-08:00 UTC", "08:60-22:00 UTC", "08:00-22:00 +15:00", "08:00 22:00 UTC"}) {
    INFO(text);
    CHECK_FALSE(parse_hours(text));
  }
}

TEST_CASE("a window contains its beginning and not its end, also before 1970") {
  const Hours hours = *parse_hours("08:00-22:00 UTC");
  const auto at = [](int hour, int minute) { return wall_time((hour * 60LL + minute) * 60'000); };
  CHECK(hours.contain(at(8, 0)));
  CHECK(hours.contain(at(21, 59)));
  CHECK_FALSE(hours.contain(at(22, 0)));
  CHECK_FALSE(hours.contain(at(7, 59)));
  CHECK(hours.contain(at(8 - 48, 0)));
}
