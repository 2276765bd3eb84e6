#include "smpp/validity.h"

#include "support.h"

using namespace xion;
using namespace xion::smpp;
using namespace std::chrono_literals;

namespace {

const WallTime noon{Millis{1'770'897'600'000}};  // 2026-02-12T12:00:00Z

}  // namespace

TEST_CASE("a relative validity_period is written in the spec's sixteen characters") {
  CHECK(relative_time(5min + 30s) == "000000000530000R");
  CHECK(relative_time(48h) == "000002000000000R");
  CHECK(relative_time(1ms) == "000000000001000R");
  CHECK(relative_time(-1s) == "000000000000000R");
  CHECK(relative_time(24h * 400) == "000030000000000R");
}

TEST_CASE("an absolute validity_period is written in UTC") {
  CHECK(absolute_time(noon) == "260212120000000+");
  CHECK(absolute_time(noon + 5min + 30s + 250ms) == "260212120530200+");
  CHECK(absolute_time(WallTime{Millis{1'798'761'599'999}}) == "261231235959900+");
}

TEST_CASE("both forms are read back") {
  CHECK(parse_time(relative_time(5min + 30s), noon) == noon + 5min + 30s);
  CHECK(parse_time(absolute_time(noon + 90s), noon) == noon + 90s);
}

TEST_CASE("an offset in quarter hours is taken off or added") {
  CHECK(parse_time("260212140000008+", noon) == noon);
  CHECK(parse_time("260212070000020-", noon) == noon);
}

TEST_CASE("what names no moment is nothing") {
  for (const char* text : {"", "000000000530000", "000000000530000X", "261312120000000+", "260230120000000+",
                           "260212240000000+", "26021212006000a+", "260212126000000+", "26021212000000++"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_time(text, noon));
  }
}

TEST_CASE("every duration up to 30 days comes back whole seconds, never shorter") {
  test::Random random(4);
  for (int i = 0; i < 1'000; ++i) {
    const Millis duration{static_cast<std::int64_t>(test::below(random, 30ULL * 86'400'000))};
    const auto back = *parse_time(relative_time(duration), noon) - noon;
    CHECK(back >= duration);
    CHECK(back - duration < 1s);
  }
}
