// Thousands of random lives of a request: whatever comes in whatever order, some things never happen.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "core/otp/delivery_rules.h"
#include "core/otp/otp_record.h"
#include "core/otp/otp_rules.h"
#include "core/otp/timeline.h"
#include "unit/core/sample.h"

using namespace xion;
using namespace xion::otp_rules;
using namespace xion::sample;

namespace {

constexpr std::string_view carriers[] = {"a", "b", "c"};

class Life {
 public:
  explicit Life(std::uint32_t seed) : random_(seed) {
    otp_.attempts_allowed = static_cast<std::uint8_t>(1 + one_of(5));
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      const Otp before = otp_;
      now_ += Millis{one_of(10) == 0 ? one_of(40'000) : one_of(4'000)};
      step();
      check(before);
    }
  }

  int verified() const { return verified_; }

 private:
  std::uint32_t one_of(std::uint32_t count) { return static_cast<std::uint32_t>(random_() % count); }

  SubmissionRef any_ref() {
    // Mostly one that exists, now and then one that doesn't.
    const auto message = one_of(static_cast<std::uint32_t>(otp_.messages.size()) + one_of(2));
    const auto submissions = message < otp_.messages.size() ? otp_.messages[message].submissions.size() : 0;
    const auto submission = one_of(static_cast<std::uint32_t>(submissions) + 1);
    return ref(static_cast<std::uint8_t>(submission), static_cast<std::uint8_t>(one_of(3)),
               static_cast<std::uint8_t>(message));
  }

  void step() {
    constexpr MessageState told[] = {MessageState::delivered, MessageState::undelivered, MessageState::expired,
                                     MessageState::rejected, MessageState::unknown};
    switch (one_of(12)) {
      case 0: verified_ += verify(otp_, one_of(6) == 0, now_) == VerifyVerdict::verified; break;
      case 1:
        if (one_of(20) == 0) cancel(otp_, now_);
        break;
      case 2: expire(otp_, now_); break;
      case 3:
        if (is_live(otp_, now_) && may_resend(otp_, {Seconds{5}}, now_).verdict == ResendVerdict::resend)
          add_message(otp_, now_);
        break;
      case 4:
      case 5: begin(); break;
      case 6:
      case 7: accepted(otp_, any_ref(), std::to_string(one_of(1'000)), now_); break;
      case 8: refused(otp_, any_ref(), one_of(0x100), one_of(3) != 0, now_); break;
      case 9: outcome_unknown(otp_, any_ref(), now_); break;
      case 10:
        if (one_of(30) == 0) receipt_overdue(otp_, one_of(3), now_);
        resend_unknown(otp_, any_ref(), now_);
        break;
      case 11: receipt(otp_, any_ref(), told[one_of(5)], "034", now_); break;
    }
  }

  void begin() {
    const auto sendable = sendable_message(otp_, now_);
    const std::size_t message = one_of(static_cast<std::uint32_t>(otp_.messages.size()));
    const bool has_begun =
        begin_submission(otp_, message, carriers[one_of(3)], static_cast<std::uint8_t>(1 + one_of(3)), now_);
    REQUIRE(has_begun == (sendable == message));
  }

  void check(const Otp& before) {
    REQUIRE(verified_ <= 1);
    REQUIRE((otp_.status == OtpStatus::verified) == (verified_ == 1));
    REQUIRE(otp_.failed_attempts.size() <= otp_.attempts_allowed);
    REQUIRE(otp_.expires_at == before.expires_at);
    if (before.status != OtpStatus::pending) {
      REQUIRE(otp_.status == before.status);
      REQUIRE(otp_.ended_at == before.ended_at);
      REQUIRE(otp_.failed_attempts.size() == before.failed_attempts.size());
      REQUIRE(otp_.messages.size() == before.messages.size());
      REQUIRE_FALSE(sendable_message(otp_, now_));
    }
    REQUIRE((otp_.status == OtpStatus::pending) == !otp_.ended_at.has_value());
    for (std::size_t i = 0; i < before.messages.size(); ++i) check(before.messages[i], otp_.messages[i]);
    check_queue();
    const auto back = from_record(otp_.id, to_record(otp_));
    REQUIRE(back);
    REQUIRE(to_record(*back) == to_record(otp_));
    const auto events = timeline(otp_);
    REQUIRE(std::ranges::is_sorted(events, {}, &OtpEvent::at));
  }

  void check(const Message& before, const Message& after) {
    REQUIRE(after.submissions.size() >= before.submissions.size());
    REQUIRE((is_final(after.state) ? after.ended_at.has_value() : true));
    if (before.state != after.state && is_final(before.state)) {
      // A final state gives way only to news that the phone has the message.
      REQUIRE(after.state == MessageState::delivered);
      REQUIRE((before.state == MessageState::expired || before.state == MessageState::undelivered ||
               before.state == MessageState::rejected));
    }
    for (std::size_t i = 0; i < before.submissions.size(); ++i) check(before.submissions[i], after.submissions[i]);
    const bool is_delivered =
        std::ranges::any_of(after.submissions, [](const Submission& s) { return s.state == MessageState::delivered; });
    REQUIRE((after.state == MessageState::delivered) == is_delivered);
    if (after.state == MessageState::superseded || after.state == MessageState::rejected) {
      // Never said of what a carrier may have.
      REQUIRE(std::ranges::all_of(after.submissions,
                                  [](const Submission& s) { return s.state == MessageState::rejected; }));
    }
    if (after.state == MessageState::submitting) REQUIRE(after.submissions.back().state == MessageState::submitting);
  }

  void check(const Submission& before, const Submission& after) {
    if (before.state != after.state && is_final(before.state)) {
      REQUIRE((before.state == MessageState::expired || before.state == MessageState::undelivered ||
               before.state == MessageState::rejected));
      REQUIRE(after.state == MessageState::delivered);
    }
    for (std::size_t i = 0; i < before.segments.size(); ++i) {
      if (before.segments[i].state != MessageState::submitting) {
        REQUIRE(after.segments[i].smsc_message_id == before.segments[i].smsc_message_id);
      }
    }
  }

  /// At most one message waits, and only the newest, and never while one of its submissions is under way.
  void check_queue() {
    for (std::size_t i = 0; i < otp_.messages.size(); ++i) {
      const Message& message = otp_.messages[i];
      if (message.state != MessageState::queued) continue;
      REQUIRE(i + 1 == otp_.messages.size());
      REQUIRE(otp_.status == OtpStatus::pending);
      for (const Submission& submission : message.submissions) {
        REQUIRE((submission.state == MessageState::rejected || submission.state == MessageState::unknown));
      }
    }
  }

  std::mt19937 random_;
  Otp otp_ = sample::otp();
  WallTime now_ = start;
  int verified_ = 0;
};

}  // namespace

TEST_CASE("whatever happens in whatever order, a code verifies once, guesses are bounded and what is over stays over") {
  int verified = 0;
  for (std::uint32_t seed = 1; seed <= 4'000; ++seed) {
    CAPTURE(seed);
    Life life(seed);
    life.run(80);
    verified += life.verified();
  }
  // The lives are worth living: a fair part of them sees its code verified, and a fair part does not.
  CHECK(verified > 400);
  CHECK(verified < 3'600);
}
