#include "core/otp/conversion.h"

#include <doctest/doctest.h>

using namespace xion;

namespace {

constexpr MonoTime told_at{Millis{43'200'000}};

}  // namespace

TEST_CASE("a few messages say nothing of a carrier, thirty receipts or ten verifications do") {
  Conversions conversions;
  for (int i = 0; i < 29; ++i) conversions.note_delivery("a", "374", true, told_at);
  CHECK_FALSE(conversions.rate("a", "+37499123056", told_at));
  conversions.note_delivery("a", "374", false, told_at);
  REQUIRE(conversions.rate("a", "+37499123056", told_at));
  CHECK(*conversions.rate("a", "+37499123056", told_at) == doctest::Approx(29.0 / 30));
  for (int i = 0; i < 10; ++i) conversions.note_verification("b", "374", i < 5, told_at);
  CHECK(*conversions.rate("b", "+37499123056", told_at) == doctest::Approx(0.5));
}

TEST_CASE("what is known of one prefix or carrier says nothing of another") {
  Conversions conversions;
  for (int i = 0; i < 40; ++i) conversions.note_delivery("a", "374", true, told_at);
  CHECK_FALSE(conversions.rate("a", "+14155550123", told_at));
  CHECK_FALSE(conversions.rate("b", "+37499123056", told_at));
}

TEST_CASE("outcomes fade, so that a carrier that was bad gets its chance again") {
  Conversions conversions;
  for (int i = 0; i < 40; ++i) conversions.note_delivery("a", "1", false, told_at);
  CHECK(conversions.rate("a", "+14155550123", told_at) == 0.0);
  CHECK_FALSE(conversions.rate("a", "+14155550123", told_at + Conversions::half_life));
  for (int i = 0; i < 40; ++i) conversions.note_delivery("a", "1", true, told_at + Conversions::half_life * 3);
  CHECK(*conversions.rate("a", "+14155550123", told_at + Conversions::half_life * 3) > 0.85);
}
