#include <doctest/doctest.h>

#include <algorithm>

#include "core/otp/delivery_rules.h"
#include "core/otp/otp.h"
#include "core/otp/otp_rules.h"
#include "core/otp/timeline.h"
#include "core/otp/waited.h"
#include "unit/core/sample.h"

using namespace xion;
using namespace xion::sample;

namespace {

/// `type/carrier/detail/error`, for a story that reads in one line each.
std::vector<std::string> story(const Otp& otp) {
  std::vector<std::string> lines;
  for (const OtpEvent& event : timeline(otp)) {
    std::string line = std::to_string((event.at - start).count() / 1000) + " " + std::string(event.type);
    for (const std::string& part : {event.carrier, event.smsc_message_id, event.detail, event.error}) {
      if (!part.empty()) line += " " + part;
    }
    lines.push_back(line);
  }
  return lines;
}

using Story = std::vector<std::string>;

}  // namespace

TEST_CASE("a fresh request was created and queued") { CHECK(story(sample::otp()) == Story{"0 created", "0 queued"}); }

TEST_CASE("the timeline tells a failover, a resend, a wrong guess and the end, oldest first") {
  Otp otp = sample::otp();
  otp_rules::begin_submission(otp, 0, "a", 1, after_seconds(1));
  otp_rules::refused(otp, ref(0), 0x58, true, after_seconds(2));
  otp_rules::begin_submission(otp, 0, "b", 1, after_seconds(3));
  otp_rules::accepted(otp, ref(1), "1F", after_seconds(4));
  otp_rules::receipt(otp, ref(1), MessageState::undelivered, "034", after_seconds(9));
  otp_rules::add_message(otp, after_seconds(31));
  otp_rules::verify(otp, false, after_seconds(32));
  otp_rules::verify(otp, true, after_seconds(33));
  CHECK(story(otp) == Story{"0 created", "0 queued", "1 submitting a",
                            "2 throttled a until " + rfc3339_millis(after_seconds(3)) + " ESME_RTHROTTLED",
                            "3 failed_over b", "4 submitted b 1F", "9 receipt b 1F undelivered 034", "31 resent",
                            "32 attempt invalid_code", "33 superseded", "33 verified"});
  const auto events = timeline(otp);
  CHECK(std::ranges::find(events, "resent", &OtpEvent::type)->message == 2);
  CHECK(std::ranges::find(events, "submitted", &OtpEvent::type)->message == 1);
  CHECK(std::ranges::find(events, "verified", &OtpEvent::type)->message == 0);
}

TEST_CASE("the timeline tells no failover where the same carrier takes a message that it throttled") {
  Otp otp = sample::otp();
  otp_rules::begin_submission(otp, 0, "a", 1, after_seconds(1));
  otp_rules::refused(otp, ref(0), 0x58, true, after_seconds(2));
  otp_rules::begin_submission(otp, 0, "a", 1, after_seconds(4));
  CHECK(story(otp) == Story{"0 created", "0 queued", "1 submitting a",
                            "2 throttled a until " + rfc3339_millis(after_seconds(4)) + " ESME_RTHROTTLED",
                            "4 submitting a"});
}

TEST_CASE("the timeline tells a long text's parts") {
  Otp otp = sample::otp();
  otp_rules::begin_submission(otp, 0, "a", 2, after_seconds(1));
  CHECK(story(otp) == Story{"0 created", "0 queued", "1 submitting a 2 parts"});
}

TEST_CASE("the timeline tells of a message that no carrier took before its code was over, and why") {
  Otp otp = sample::otp();
  otp_rules::expire(otp, after_seconds(301));
  otp.policy_events.push_back({after_seconds(300), false, 0, std::string(waited_reason) + "a: down: refused"});
  CHECK(story(otp) == Story{"0 created", "0 queued", "300 expired no carrier took it in time",
                            "300 waited a: down: refused", "300 expired"});
}

TEST_CASE("the timeline tells an unknown outcome and the possible duplicate that followed it") {
  Otp otp = sample::otp();
  otp_rules::begin_submission(otp, 0, "a", 1, after_seconds(1));
  otp_rules::outcome_unknown(otp, ref(0), after_seconds(21));
  otp_rules::resend_unknown(otp, ref(0), after_seconds(29));
  otp_rules::begin_submission(otp, 0, "b", 1, after_seconds(29));
  CHECK(story(otp) == Story{"0 created", "0 queued", "1 submitting a", "21 outcome_unknown a",
                            "29 failed_over b possible_duplicate"});
}

TEST_CASE("the timeline tells why a request was blocked") {
  Otp otp = sample::otp();
  otp.messages.clear();
  otp.status = OtpStatus::blocked;
  otp.reason = "rate_limited";
  otp.ended_at = start;
  CHECK(story(otp) == Story{"0 created", "0 blocked rate_limited"});
  CHECK(delivery_status(otp) == "");
}

TEST_CASE("delivery tells of the newest message in the catalogue's words") {
  Otp otp = sample::otp();
  CHECK(delivery_status(otp) == "queued");
  otp_rules::begin_submission(otp, 0, "a", 1, after_seconds(1));
  CHECK(delivery_status(otp) == "queued");
  otp_rules::accepted(otp, ref(0), "1", after_seconds(2));
  CHECK(delivery_status(otp) == "submitted");
  otp_rules::receipt(otp, ref(0), MessageState::delivered, "", after_seconds(3));
  CHECK(delivery_status(otp) == "delivered");
  otp_rules::add_message(otp, after_seconds(30));
  CHECK(delivery_status(otp) == "queued");
}

TEST_CASE("a superseded message tells nothing of delivery") {
  Otp otp = sample::otp();
  otp_rules::begin_submission(otp, 0, "a", 1, after_seconds(1));
  otp_rules::accepted(otp, ref(0), "1", after_seconds(2));
  otp_rules::add_message(otp, after_seconds(30));
  otp_rules::verify(otp, true, after_seconds(31));
  CHECK(delivery_status(otp) == "submitted");
  Otp never_sent = sample::otp();
  otp_rules::expire(never_sent, after_seconds(300));
  CHECK(delivery_status(never_sent) == "expired");
}

TEST_CASE("states are final when neither a carrier nor we will change them") {
  using enum MessageState;
  for (const auto state : {delivered, undelivered, expired, rejected, superseded}) CHECK(is_final(state));
  for (const auto state : {queued, submitting, submitted, unknown}) CHECK_FALSE(is_final(state));
}

TEST_CASE("what rules said of a request is on its timeline, refusals and flags apart") {
  Otp otp = sample::otp();
  otp.policy_events = {{sample::start, false, 0b1010, ""},
                       {sample::after_seconds(5), true, 0, "cooldown_active: cooldown"}};
  CHECK(story(otp) == Story{"0 created", "0 queued", "0 flagged fraud_suspected: country_hourly prefix_hourly",
                            "5 blocked cooldown_active: cooldown"});
}

TEST_CASE("the timeline tells errors in words, and how long the carrier and the phone took") {
  Otp otp = sample::otp();
  otp_rules::begin_submission(otp, 0, "a", 1, after_seconds(1));
  otp_rules::refused(otp, ref(0), 0x58, true, after_seconds(2));
  otp_rules::begin_submission(otp, 0, "b", 1, after_seconds(3));
  otp_rules::accepted(otp, ref(1), "1F", after_seconds(4));
  otp_rules::receipt(otp, ref(1), MessageState::undelivered, "006", after_seconds(9));
  const auto events = timeline(otp);
  CHECK(std::ranges::find(events, "throttled", &OtpEvent::type)->error_meaning ==
        "we send faster than the carrier allows");
  CHECK(std::ranges::find(events, "submitted", &OtpEvent::type)->latency == Seconds{1});
  const auto receipt = std::ranges::find(events, "receipt", &OtpEvent::type);
  CHECK(receipt->error_meaning == "the phone is switched off or out of reach (absent subscriber)");
  CHECK(receipt->latency == Seconds{9});
}
