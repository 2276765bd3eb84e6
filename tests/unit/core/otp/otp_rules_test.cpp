#include "core/otp/otp_rules.h"

#include <doctest/doctest.h>

#include "unit/core/sample.h"

using namespace xion;
using namespace xion::otp_rules;
using namespace xion::sample;

namespace {

const std::vector<Seconds> cooldown{Seconds{30}, Seconds{60}, Seconds{120}};

}  // namespace

// --- verify -------------------------------------------------------------------------------------------------------

TEST_CASE("the right code verifies once, and the second of two racing right codes finds it used") {
  Otp otp = sample::otp();
  CHECK(verify(otp, true, after_seconds(10)) == VerifyVerdict::verified);
  CHECK(otp.status == OtpStatus::verified);
  CHECK(otp.ended_at == after_seconds(10));
  CHECK(verify(otp, true, after_seconds(10)) == VerifyVerdict::code_used);
  CHECK(otp.ended_at == after_seconds(10));
}

TEST_CASE("a wrong code is counted, and a right one may follow") {
  Otp otp = sample::otp();
  CHECK(verify(otp, false, after_seconds(10)) == VerifyVerdict::invalid_code);
  CHECK(otp.attempts_remaining() == 4);
  CHECK(verify(otp, true, after_seconds(11)) == VerifyVerdict::verified);
}

TEST_CASE("the last wrong code locks, and from then on the right one is refused") {
  Otp otp = sample::otp();
  for (int i = 0; i < 5; ++i) CHECK(verify(otp, false, after_seconds(10 + i)) == VerifyVerdict::invalid_code);
  CHECK(otp.attempts_remaining() == 0);
  CHECK(otp.status == OtpStatus::locked);
  CHECK(otp.ended_at == after_seconds(14));
  CHECK(verify(otp, true, after_seconds(15)) == VerifyVerdict::code_locked);
  CHECK(otp.failed_attempts.size() == 5);
}

TEST_CASE("expiry wins over correctness, from the very millisecond") {
  Otp in_time = sample::otp();
  CHECK(verify(in_time, true, after(Millis{299'999})) == VerifyVerdict::verified);
  Otp late = sample::otp();
  CHECK(verify(late, true, after_seconds(300)) == VerifyVerdict::code_expired);
  CHECK(late.status == OtpStatus::expired);
  CHECK(verify(late, true, after_seconds(10)) == VerifyVerdict::code_expired);  // also if the clock steps back
}

TEST_CASE("only a live request counts attempts") {
  Otp otp = sample::otp();
  cancel(otp, after_seconds(1));
  CHECK(verify(otp, false, after_seconds(2)) == VerifyVerdict::code_canceled);
  Otp late = sample::otp();
  CHECK(verify(late, false, after_seconds(300)) == VerifyVerdict::code_expired);
  CHECK(otp.failed_attempts.empty());
  CHECK(late.failed_attempts.empty());
}

TEST_CASE("a request without any guess left never verifies") {
  Otp otp = sample::otp();
  otp.attempts_allowed = 0;
  CHECK(verify(otp, true, after_seconds(1)) == VerifyVerdict::code_locked);
  CHECK(otp.status == OtpStatus::locked);
}

TEST_CASE("a request that was blocked or failed has no active code") {
  for (const auto status : {OtpStatus::blocked, OtpStatus::failed}) {
    Otp otp = sample::otp();
    otp.status = status;
    CHECK(verify(otp, true, after_seconds(1)) == VerifyVerdict::no_active_code);
    CHECK(otp.status == status);
  }
}

TEST_CASE("an SMS that has not left is pointless once the code is used, locked or canceled") {
  using End = void (*)(Otp&);
  const End ends[] = {
      [](Otp& o) { verify(o, true, after_seconds(5)); },
      [](Otp& o) { o.attempts_allowed = 1, verify(o, false, after_seconds(5)); },
      [](Otp& o) { cancel(o, after_seconds(5)); },
      [](Otp& o) { expire(o, after_seconds(300)); },
  };
  for (const auto end : ends) {
    Otp otp = sample::otp();
    end(otp);
    CHECK(otp.messages[0].state == MessageState::superseded);
    CHECK(otp.messages[0].ended_at == otp.ended_at);
    CHECK_FALSE(sendable_message(otp, after_seconds(6)));
    CHECK_FALSE(begin_submission(otp, 0, "a", 1, after_seconds(6)));
  }
}

// --- expire and cancel --------------------------------------------------------------------------------------------

TEST_CASE("a request expires when its time is over, and once") {
  Otp otp = sample::otp();
  CHECK_FALSE(expire(otp, after(Millis{299'999})));
  CHECK(is_live(otp, after(Millis{299'999})));
  CHECK_FALSE(is_live(otp, after_seconds(300)));
  CHECK(expire(otp, after_seconds(400)));
  CHECK(otp.ended_at == after_seconds(300));
  CHECK_FALSE(expire(otp, after_seconds(401)));
}

TEST_CASE("no other end turns into an expiry") {
  for (const auto status :
       {OtpStatus::verified, OtpStatus::locked, OtpStatus::canceled, OtpStatus::blocked, OtpStatus::failed}) {
    Otp otp = sample::otp();
    otp.status = status;
    CHECK_FALSE(expire(otp, after_seconds(1'000)));
    CHECK(otp.status == status);
  }
}

TEST_CASE("only a live request is canceled") {
  Otp otp = sample::otp();
  CHECK(cancel(otp, after_seconds(1)));
  CHECK(otp.status == OtpStatus::canceled);
  CHECK_FALSE(cancel(otp, after_seconds(2)));
  CHECK(otp.ended_at == after_seconds(1));
  Otp verified = sample::otp();
  verify(verified, true, after_seconds(1));
  CHECK_FALSE(cancel(verified, after_seconds(2)));
  CHECK(verified.status == OtpStatus::verified);
}

TEST_CASE("canceling too late notes the expiry that was due") {
  Otp otp = sample::otp();
  CHECK_FALSE(cancel(otp, after_seconds(301)));
  CHECK(otp.status == OtpStatus::expired);
}

// --- resend -------------------------------------------------------------------------------------------------------

TEST_CASE("a resend waits for the cooldown, which grows with each send") {
  Otp otp = sample::otp();
  CHECK(may_resend(otp, cooldown, after_seconds(10)).verdict == ResendVerdict::cooldown_active);
  CHECK(may_resend(otp, cooldown, after_seconds(10)).retry_after == Seconds{20});
  CHECK(may_resend(otp, cooldown, after(Millis{29'001})).retry_after == Seconds{1});
  CHECK(may_resend(otp, cooldown, after_seconds(30)).verdict == ResendVerdict::resend);
  add_message(otp, after_seconds(30));
  CHECK(resend_available_at(otp, cooldown) == after_seconds(90));
  add_message(otp, after_seconds(90));
  add_message(otp, after_seconds(210));
  CHECK(resend_available_at(otp, cooldown) == after_seconds(330));
}

TEST_CASE("without a cooldown a resend is always allowed") {
  CHECK(may_resend(sample::otp(), {}, start).verdict == ResendVerdict::resend);
}

TEST_CASE("what is kept to send again goes with the end of a request") {
  for (const auto end :
       {+[](Otp& otp) { cancel(otp, after_seconds(1)); }, +[](Otp& otp) { verify(otp, true, after_seconds(1)); },
        +[](Otp& otp) { expire(otp, after_seconds(301)); }}) {
    Otp otp = sample::otp();
    otp.own_code_sealed = "sealed";
    otp.bind = {{"amount", "500 EUR"}};
    end(otp);
    CHECK(otp.own_code_sealed.empty());
    CHECK(otp.bind.empty());
  }
}

TEST_CASE("a code's life is what it was given, from when it was made") {
  Otp otp = sample::otp();
  CHECK(life_of(otp) == Seconds{300});
  // Rotated with a life of its own, at a moment that is no whole second from the first.
  otp.generation = 1;
  add_message(otp, after(Millis{30'250}));
  otp.expires_at = after(Millis{30'250}) + Seconds{120};
  CHECK(life_of(otp) == Seconds{120});
}

TEST_CASE("sends are bounded even without a cooldown") {
  Otp otp = sample::otp();
  while (otp.messages.size() < 255) add_message(otp, start);
  const Resend resend = may_resend(otp, {}, after_seconds(1));
  CHECK(resend.verdict == ResendVerdict::cooldown_active);
  CHECK(resend.retry_after == Seconds{299});
}

TEST_CASE("a resend replaces what has not left yet, and refills no guesses") {
  Otp otp = sample::otp();
  verify(otp, false, after_seconds(1));
  otp.generation = 1;
  add_message(otp, after_seconds(30));
  REQUIRE(otp.sends() == 2);
  CHECK(otp.messages[0].state == MessageState::superseded);
  CHECK(otp.messages[1].state == MessageState::queued);
  CHECK(otp.messages[1].generation == 1);
  CHECK(sendable_message(otp, after_seconds(30)) == 1);
  CHECK(otp.attempts_remaining() == 4);
  CHECK(otp.expires_at == after_seconds(300));
}

TEST_CASE("a resend leaves what a carrier has to the carrier") {
  Otp otp = sample::otp();
  begin_submission(otp, 0, "a", 1, after_seconds(1));
  accepted(otp, ref(0), "1", after_seconds(2));
  add_message(otp, after_seconds(30));
  CHECK(otp.messages[0].state == MessageState::submitted);
}
