#include "core/limits/limits.h"

#include <doctest/doctest.h>

using namespace xion;

namespace {

constexpr WallTime limits_noon{Millis{1'770'897'600'000}};
WallTime ago(std::int64_t seconds) { return limits_noon - Seconds{seconds}; }
MonoTime at(std::int64_t ms) { return MonoTime{Millis{1'000'000 + ms}}; }

}  // namespace

TEST_CASE("one more event within the rule is allowed") {
  const RateRule rules[] = {{3, Seconds{600}}};
  const WallTime earlier[] = {ago(10), ago(20)};
  CHECK(check_rates("sends_per_phone", rules, earlier, limits_noon).empty());
  CHECK(check_rates("sends_per_phone", rules, {}, limits_noon).empty());
}

TEST_CASE("a violation says which policy and how long to wait") {
  const RateRule rules[] = {{3, Seconds{600}}};
  const WallTime earlier[] = {ago(10), ago(400), ago(20)};
  const auto violations = check_rates("sends_per_phone", rules, earlier, limits_noon);
  REQUIRE(violations.size() == 1);
  CHECK(violations[0].policy == "sends_per_phone");
  CHECK(violations[0].limit == 3);
  CHECK(violations[0].window == Seconds{600});
  CHECK(violations[0].retry_after == Seconds{200});
}

TEST_CASE("after the wait that was told one more event is allowed, and a second before it is not") {
  const RateRule rules[] = {{2, Seconds{60}}};
  const WallTime earlier[] = {ago(50), ago(40), ago(30), ago(5)};
  const auto wait = check_rates("p", rules, earlier, limits_noon).at(0).retry_after;
  CHECK(check_rates("p", rules, earlier, limits_noon + wait).empty());
  CHECK_FALSE(check_rates("p", rules, earlier, limits_noon + wait - Seconds{1}).empty());
}

TEST_CASE("an event exactly as old as the window no longer counts") {
  const RateRule rules[] = {{1, Seconds{60}}};
  const WallTime just_over[] = {ago(60)};
  CHECK(check_rates("p", rules, just_over, limits_noon).empty());
  const WallTime just_under[] = {ago(60) + Millis{1}};
  CHECK(check_rates("p", rules, just_under, limits_noon).at(0).retry_after == Seconds{1});
}

TEST_CASE("the longest wait comes first") {
  const RateRule rules[] = {{1, Seconds{60}}, {2, Seconds{3600}}, {9, Seconds{86'400}}};
  const WallTime earlier[] = {ago(1), ago(2)};
  const auto violations = check_rates("p", rules, earlier, limits_noon);
  REQUIRE(violations.size() == 2);
  CHECK(violations[0].window == Seconds{3600});
  CHECK(violations[1].window == Seconds{60});
}

TEST_CASE("a rule that is switched off limits nothing") {
  const RateRule rules[] = {RateRule{}};
  const WallTime earlier[] = {ago(0), ago(1)};
  CHECK(check_rates("p", rules, earlier, limits_noon).empty());
}

TEST_CASE("the cooldown grows with each send, then stays") {
  const Seconds cooldown[] = {Seconds{30}, Seconds{60}, Seconds{120}};
  CHECK(cooldown_after(cooldown, 1) == Seconds{30});
  CHECK(cooldown_after(cooldown, 3) == Seconds{120});
  CHECK(cooldown_after(cooldown, 300) == Seconds{120});
  CHECK(cooldown_after({}, 1) == Seconds{0});
}

TEST_CASE("rate rules are read as the configuration writes them") {
  CHECK(parse_rate_rule("5/10m") == RateRule{5, Seconds{600}});
  CHECK(parse_rate_rule("10/1d") == RateRule{10, Seconds{86'400}});
  CHECK(parse_rate_rule("20/3600s") == RateRule{20, Seconds{3600}});
  CHECK(parse_rate_rule("1/2h") == RateRule{1, Seconds{7200}});
}

TEST_CASE("what is no rate rule, or counts longer than a day, is refused") {
  for (const char* text : {"", "5", "5/", "/10m", "5/10", "5/m", "0/10m", "-1/10m", "5/0s", "5/2d", "5/25h", "5/10w",
                           "5 /10m", "5/10m ", "99999999999/1m", "5/99999999999d"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rate_rule(text));
  }
}

TEST_CASE("a rate rule is written with its largest unit") {
  CHECK(to_string(RateRule{20, Seconds{3600}}) == "20/1h");
  CHECK(to_string(RateRule{5, Seconds{600}}) == "5/10m");
  CHECK(to_string(RateRule{10, Seconds{86'400}}) == "10/1d");
  CHECK(to_string(RateRule{1, Seconds{90}}) == "1/90s");
}

TEST_CASE("a bucket gives its burst at once, then its rate") {
  TokenBucket bucket(5, 10);
  int taken = 0;
  for (int i = 0; i < 20; ++i) taken += bucket.take(at(0));
  CHECK(taken == 10);
  for (int ms = 1; ms <= 10'000; ++ms) taken += bucket.take(at(ms));
  CHECK(taken == 10 + 50);
}

TEST_CASE("a bucket tells exactly how long until its next token") {
  TokenBucket bucket(3, 1);
  CHECK(bucket.wait(at(0)) == Millis{0});
  CHECK(bucket.take(at(0)));
  const Millis wait = bucket.wait(at(0));
  CHECK(wait == Millis{334});
  CHECK_FALSE(bucket.take(at(333)));
  CHECK(bucket.take(at(0) + wait));
}

TEST_CASE("a bucket without a rate is never empty") {
  TokenBucket bucket(0, 0);
  for (int i = 0; i < 1'000; ++i) REQUIRE(bucket.take(at(0)));
  CHECK(bucket.wait(at(0)) == Millis{0});
}

TEST_CASE("a bucket is never fuller than its burst, however long it rests") {
  TokenBucket bucket(5, 10);
  CHECK(bucket.tokens(at(1'000'000'000)) == doctest::Approx(10));
}

TEST_CASE("a clock that stands or steps back gives no tokens") {
  TokenBucket bucket(10, 1);
  CHECK(bucket.take(at(1'000)));
  CHECK_FALSE(bucket.take(at(500)));
  CHECK_FALSE(bucket.take(at(1'050)));
  CHECK(bucket.take(at(1'100)));
}

TEST_CASE("a new rate keeps what was saved, up to the new burst") {
  TokenBucket bucket(10, 20);
  bucket.set_rate(1, 2, at(0));
  CHECK(bucket.tokens(at(0)) == doctest::Approx(2));
  CHECK(bucket.take(at(0)));
  CHECK(bucket.take(at(0)));
  CHECK_FALSE(bucket.take(at(999)));
  CHECK(bucket.take(at(1'000)));
}

TEST_CASE("a bucket with a burst below one still gives tokens at its rate") {
  TokenBucket bucket(0.5, 0.5);
  bucket.take(at(0));
  CHECK_FALSE(bucket.take(at(1'000)));
  CHECK(bucket.take(at(2'000)));
}
