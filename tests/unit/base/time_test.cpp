#include "base/time.h"

#include <doctest/doctest.h>

#include "base/read_time.h"

using namespace xion;

TEST_CASE("times are written as RFC 3339 in UTC") {
  CHECK(rfc3339(wall_time(1'770'897'600'000)) == "2026-02-12T12:00:00Z");
  CHECK(rfc3339(wall_time(0)) == "1970-01-01T00:00:00Z");
  CHECK(rfc3339_millis(wall_time(1'770'897'600'007)) == "2026-02-12T12:00:00.007Z");
}

TEST_CASE("a second that has begun is not rounded up") {
  CHECK(rfc3339(wall_time(1'770'897'600'999)) == "2026-02-12T12:00:00Z");
}

TEST_CASE("leap days are days") { CHECK(rfc3339(wall_time(1'709'164'800'000)) == "2024-02-29T00:00:00Z"); }

TEST_CASE("times before 1970 are written too") { CHECK(rfc3339_millis(wall_time(-1)) == "1969-12-31T23:59:59.999Z"); }

TEST_CASE("a time goes through Unix milliseconds unchanged") {
  CHECK(unix_millis(wall_time(1'770'897'600'123)) == 1'770'897'600'123);
}

TEST_CASE("a time is read as it was written, and nothing else is a time") {
  CHECK(read_rfc3339("2026-02-12T12:00:00.123Z") == wall_time(1'770'897'600'123));
  CHECK(read_rfc3339("2026-02-12T12:00:00Z") == wall_time(1'770'897'600'000));
  for (const auto text : {"", "2026-02-12", "2026-02-12T12:00:00", "2026-02-12 12:00:00Z", "2026-02-30T12:00:00Z",
                          "2026-17-12T12:00:00Z", "2026-02-12T24:00:00Z", "2026-02-12T12:00:00.12Z",
                          "2026-02-12T12:00:00.1234Z", "2026-02-12T12:00:00+04:00", "-026-02-12T12:00:00Z"}) {
    CAPTURE(text);
    CHECK(!read_rfc3339(text));
  }
}
