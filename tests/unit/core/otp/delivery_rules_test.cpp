#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/otp/delivery_rules.h"
#include "core/otp/otp_record.h"
#include "core/otp/otp_rules.h"
#include "core/otp/timeline.h"
#include "unit/core/sample.h"

using namespace xion;
using namespace xion::otp_rules;
using namespace xion::sample;

namespace {

MessageState state(const Otp& otp, std::size_t message = 0) { return otp.messages[message].state; }
MessageState submission_state(const Otp& otp, std::size_t submission) {
  return otp.messages[0].submissions[submission].state;
}

/// Sent to carrier `a` after a second.
Otp submitting(std::uint8_t segments = 1) {
  Otp otp = sample::otp();
  REQUIRE(begin_submission(otp, 0, "a", segments, after_seconds(1)));
  return otp;
}

/// Taken by `a` as "1".
Otp submitted() {
  Otp otp = submitting();
  accepted(otp, ref(0), "1", after_seconds(2));
  return otp;
}

/// No answer from `a` in 20 s.
Otp unknown() {
  Otp otp = submitting();
  outcome_unknown(otp, ref(0), after_seconds(21));
  return otp;
}

/// No answer from `a`, and after 8 s more on its way by `b`.
Otp failed_over() {
  Otp otp = unknown();
  REQUIRE(resend_unknown(otp, ref(0), after_seconds(29)));
  REQUIRE(begin_submission(otp, 0, "b", 1, after_seconds(29)));
  return otp;
}

}  // namespace

// --- the straight way ---------------------------------------------------------------------------------------------

TEST_CASE("a message goes from the queue to a carrier to the phone") {
  Otp otp = sample::otp();
  CHECK(sendable_message(otp, after_seconds(1)) == 0);
  REQUIRE(begin_submission(otp, 0, "a", 1, after_seconds(1)));
  CHECK(state(otp) == MessageState::submitting);
  accepted(otp, ref(0), "1", after_seconds(2));
  CHECK(state(otp) == MessageState::submitted);
  CHECK(otp.messages[0].submissions[0].segments[0].smsc_message_id == "1");
  CHECK(otp.messages[0].submissions[0].answered_at == after_seconds(2));
  CHECK(receipt(otp, ref(0), MessageState::delivered, "000", after_seconds(5)));
  CHECK(state(otp) == MessageState::delivered);
  CHECK(otp.messages[0].ended_at == after_seconds(5));
  CHECK(otp.messages[0].submissions[0].receipt_error == "000");
}

TEST_CASE("a message that one carrier has claimed is not claimed again") {
  Otp otp = submitting();
  CHECK_FALSE(sendable_message(otp, after_seconds(1)));
  CHECK_FALSE(begin_submission(otp, 0, "b", 1, after_seconds(1)));
  CHECK(otp.messages[0].submissions.size() == 1);
}

TEST_CASE("a message is not sent at or after its expiry, though nobody noticed that yet") {
  Otp otp = sample::otp();
  CHECK_FALSE(sendable_message(otp, after_seconds(300)));
  CHECK_FALSE(begin_submission(otp, 0, "a", 1, after_seconds(300)));
}

TEST_CASE("an accepted message whose response has no id is submitted all the same") {
  Otp otp = submitting();
  accepted(otp, ref(0), "", after_seconds(2));
  CHECK(state(otp) == MessageState::submitted);
}

TEST_CASE("an answer for a submission that does not exist changes nothing") {
  Otp otp = submitted();
  const std::string before = to_record(otp);
  for (const auto& stranger : {ref(1), ref(0, 1), ref(0, 0, 1), ref(255, 255, 255)}) {
    accepted(otp, stranger, "x", after_seconds(3));
    CHECK_FALSE(receipt(otp, stranger, MessageState::delivered, "", after_seconds(3)));
  }
  refused(otp, ref(1), 8, true, after_seconds(3));
  outcome_unknown(otp, ref(0, 0, 1), after_seconds(3));
  CHECK_FALSE(resend_unknown(otp, ref(1), after_seconds(3)));
  receipt_overdue(otp, 1, after_seconds(3));
  CHECK(tried_carriers(otp, 1).empty());
  CHECK(to_record(otp) == before);
}

// --- refused ------------------------------------------------------------------------------------------------------

TEST_CASE("a refused message goes back to the queue and out by another carrier") {
  Otp otp = submitting();
  refused(otp, ref(0), 0x45, true, after_seconds(2));
  CHECK(state(otp) == MessageState::queued);
  CHECK(submission_state(otp, 0) == MessageState::rejected);
  CHECK(otp.messages[0].submissions[0].command_status == 0x45);
  REQUIRE(begin_submission(otp, 0, "b", 1, after_seconds(3)));
  CHECK_FALSE(otp.messages[0].submissions[1].possible_duplicate);
  accepted(otp, ref(1), "2", after_seconds(4));
  CHECK(state(otp) == MessageState::submitted);
  CHECK(tried_carriers(otp, 0) == std::vector<std::string_view>{"a", "b"});
}

TEST_CASE("a refused message with no carrier left is rejected") {
  Otp otp = submitting();
  refused(otp, ref(0), 0x0B, false, after_seconds(2));
  CHECK(state(otp) == MessageState::rejected);
  CHECK(otp.messages[0].ended_at == after_seconds(2));
  CHECK(otp.status == OtpStatus::pending);  // a resend may still reach the phone
}

TEST_CASE("a refusal that comes after the request has ended sends nothing more") {
  Otp canceled = submitting();
  cancel(canceled, after_seconds(2));
  CHECK(state(canceled) == MessageState::submitting);  // in flight: the carrier has the word
  refused(canceled, ref(0), 0x45, true, after_seconds(3));
  CHECK(state(canceled) == MessageState::rejected);
  Otp expired = submitting();
  refused(expired, ref(0), 0x45, true, after_seconds(300));
  CHECK(state(expired) == MessageState::rejected);
}

TEST_CASE("a refusal that comes after a newer send does not bring the older one back") {
  Otp otp = submitting();
  add_message(otp, after_seconds(30));
  refused(otp, ref(0), 0x45, true, after_seconds(31));
  CHECK(state(otp, 0) == MessageState::rejected);
  CHECK(sendable_message(otp, after_seconds(31)) == 1);
}

TEST_CASE("a second refusal of one submission does not touch the next one") {
  Otp otp = submitting(2);
  refused(otp, ref(0, 0), 0x58, true, after_seconds(2));
  REQUIRE(begin_submission(otp, 0, "b", 2, after_seconds(3)));
  refused(otp, ref(0, 1), 0x58, true, after_seconds(4));
  CHECK(state(otp) == MessageState::submitting);
  CHECK(submission_state(otp, 1) == MessageState::submitting);
}

TEST_CASE("a carrier that throttles for ever is given up before a submission's number runs out") {
  Otp otp = sample::otp();
  int sent = 0;
  while (begin_submission(otp, 0, "a", 1, after_seconds(1))) {
    refused(otp, ref(static_cast<std::uint8_t>(sent++)), 0x58, true, after_seconds(1));
    REQUIRE(sent <= 255);
  }
  CHECK(sent == 255);
  CHECK(state(otp) == MessageState::rejected);
}

// --- several segments ---------------------------------------------------------------------------------------------

TEST_CASE("a long text is submitted when every part is, in whatever order the responses come") {
  Otp otp = submitting(3);
  accepted(otp, ref(0, 2), "c", after_seconds(2));
  accepted(otp, ref(0, 0), "a", after_seconds(3));
  CHECK(state(otp) == MessageState::submitting);
  accepted(otp, ref(0, 1), "b", after_seconds(4));
  CHECK(state(otp) == MessageState::submitted);
  CHECK(otp.messages[0].submissions[0].segments[1].smsc_message_id == "b");
}

TEST_CASE("a long text is delivered when every part is") {
  Otp otp = submitting(2);
  accepted(otp, ref(0, 0), "a", after_seconds(2));
  accepted(otp, ref(0, 1), "b", after_seconds(2));
  CHECK(receipt(otp, ref(0, 1), MessageState::delivered, "000", after_seconds(3)));
  CHECK(state(otp) == MessageState::submitted);
  CHECK(receipt(otp, ref(0, 0), MessageState::delivered, "000", after_seconds(4)));
  CHECK(state(otp) == MessageState::delivered);
}

TEST_CASE("a long text with one part undelivered is undelivered, and keeps that part's error") {
  Otp otp = submitting(2);
  accepted(otp, ref(0, 0), "a", after_seconds(2));
  accepted(otp, ref(0, 1), "b", after_seconds(2));
  receipt(otp, ref(0, 0), MessageState::undelivered, "034", after_seconds(3));
  CHECK(state(otp) == MessageState::undelivered);
  receipt(otp, ref(0, 1), MessageState::delivered, "000", after_seconds(4));
  CHECK(state(otp) == MessageState::undelivered);
  CHECK(otp.messages[0].submissions[0].receipt_error == "034");
}

TEST_CASE("a receipt of one part before the response of another waits for it") {
  Otp otp = submitting(2);
  accepted(otp, ref(0, 0), "a", after_seconds(2));
  CHECK(receipt(otp, ref(0, 0), MessageState::delivered, "", after_seconds(2)));
  CHECK(state(otp) == MessageState::submitting);
  accepted(otp, ref(0, 1), "b", after_seconds(3));
  CHECK(state(otp) == MessageState::submitted);
  receipt(otp, ref(0, 1), MessageState::delivered, "", after_seconds(4));
  CHECK(state(otp) == MessageState::delivered);
}

TEST_CASE("the receipt of a part does not deliver a text whose other part was refused") {
  Otp otp = submitting(2);
  accepted(otp, ref(0, 0), "a", after_seconds(2));
  refused(otp, ref(0, 1), 0x45, true, after_seconds(3));
  CHECK(state(otp) == MessageState::queued);
  CHECK(receipt(otp, ref(0, 0), MessageState::delivered, "", after_seconds(4)));
  CHECK(state(otp) == MessageState::queued);
  CHECK(submission_state(otp, 0) == MessageState::rejected);
  accepted(otp, ref(0, 1), "late", after_seconds(5));
  CHECK(state(otp) == MessageState::queued);
}

TEST_CASE("one part without an answer makes the whole text's outcome unknown, until it comes") {
  Otp otp = submitting(2);
  accepted(otp, ref(0, 0), "a", after_seconds(2));
  outcome_unknown(otp, ref(0, 1), after_seconds(21));
  CHECK(state(otp) == MessageState::unknown);
  accepted(otp, ref(0, 1), "b", after_seconds(22));
  CHECK(state(otp) == MessageState::submitted);
}

// --- unknown outcomes ---------------------------------------------------------------------------------------------

TEST_CASE("after an unknown outcome the message goes by another carrier, flagged as a possible duplicate") {
  Otp otp = unknown();
  CHECK(state(otp) == MessageState::unknown);
  CHECK_FALSE(sendable_message(otp, after_seconds(22)));
  CHECK(resend_unknown(otp, ref(0), after_seconds(29)));
  CHECK(sendable_message(otp, after_seconds(29)) == 0);
  REQUIRE(begin_submission(otp, 0, "b", 1, after_seconds(29)));
  CHECK(otp.messages[0].submissions[1].possible_duplicate);
}

TEST_CASE("a late response settles an unknown outcome: nothing is sent again") {
  Otp otp = unknown();
  accepted(otp, ref(0), "1", after_seconds(25));
  CHECK(state(otp) == MessageState::submitted);
  CHECK_FALSE(resend_unknown(otp, ref(0), after_seconds(29)));
}

TEST_CASE("a late response takes the message back out of the queue") {
  Otp otp = unknown();
  REQUIRE(resend_unknown(otp, ref(0), after_seconds(29)));
  accepted(otp, ref(0), "1", after_seconds(30));
  CHECK(state(otp) == MessageState::submitted);
  CHECK_FALSE(sendable_message(otp, after_seconds(30)));
}

TEST_CASE("a late refusal sends the message on at once") {
  Otp otp = unknown();
  refused(otp, ref(0), 0x45, true, after_seconds(25));
  CHECK(state(otp) == MessageState::queued);
  REQUIRE(begin_submission(otp, 0, "b", 1, after_seconds(25)));
  CHECK_FALSE(otp.messages[0].submissions[1].possible_duplicate);
  CHECK_FALSE(resend_unknown(otp, ref(0), after_seconds(29)));
}

TEST_CASE("a late refusal after the failover does not disturb it") {
  Otp otp = failed_over();
  refused(otp, ref(0), 0x45, true, after_seconds(30));
  CHECK(state(otp) == MessageState::submitting);
  accepted(otp, ref(1), "2", after_seconds(31));
  CHECK(state(otp) == MessageState::submitted);
}

TEST_CASE("a late acceptance after the failover counts when the failover is refused") {
  Otp otp = failed_over();
  accepted(otp, ref(0), "1", after_seconds(30));
  CHECK(state(otp) == MessageState::submitting);
  refused(otp, ref(1), 0x45, true, after_seconds(31));
  CHECK(state(otp) == MessageState::submitted);
  CHECK_FALSE(sendable_message(otp, after_seconds(31)));
}

TEST_CASE("a failover that is refused goes on to a third carrier, or stays unknown where none is left") {
  Otp on = failed_over();
  refused(on, ref(1), 0x45, true, after_seconds(30));
  CHECK(sendable_message(on, after_seconds(30)) == 0);
  Otp none_left = failed_over();
  refused(none_left, ref(1), 0x45, false, after_seconds(30));
  CHECK(state(none_left) == MessageState::unknown);
  CHECK_FALSE(resend_unknown(none_left, ref(0), after_seconds(40)));
}

TEST_CASE("a late refusal of the first carrier does not cut short the wait for the second") {
  Otp otp = failed_over();
  outcome_unknown(otp, ref(1), after_seconds(49));
  refused(otp, ref(0), 0x45, true, after_seconds(50));
  CHECK(state(otp) == MessageState::unknown);
  CHECK(resend_unknown(otp, ref(1), after_seconds(57)));
}

TEST_CASE("an unknown outcome is not sent again once the request has ended or a newer send exists") {
  Otp verified = unknown();
  verify(verified, true, after_seconds(25));
  CHECK_FALSE(resend_unknown(verified, ref(0), after_seconds(29)));
  CHECK(state(verified) == MessageState::unknown);
  Otp late = unknown();
  CHECK_FALSE(resend_unknown(late, ref(0), after_seconds(300)));
  Otp replaced = unknown();
  add_message(replaced, after_seconds(25));
  CHECK_FALSE(resend_unknown(replaced, ref(0), after_seconds(29)));
  CHECK(sendable_message(replaced, after_seconds(29)) == 1);
}

TEST_CASE("a message that may be with a carrier is never called unsent") {
  Otp otp = unknown();
  REQUIRE(resend_unknown(otp, ref(0), after_seconds(29)));
  verify(otp, true, after_seconds(30));  // it did reach the phone
  CHECK(state(otp) == MessageState::unknown);
  accepted(otp, ref(0), "1", after_seconds(31));
  CHECK(receipt(otp, ref(0), MessageState::delivered, "", after_seconds(32)));
  CHECK(state(otp) == MessageState::delivered);
}

TEST_CASE("an outcome that is known does not become unknown") {
  for (Otp otp : {submitted(), sample::otp()}) {
    const auto before = state(otp);
    outcome_unknown(otp, ref(0), after_seconds(21));
    CHECK(state(otp) == before);
  }
}

TEST_CASE("what becomes of an SMS in flight is told after the request's end too") {
  Otp otp = submitting();
  expire(otp, after_seconds(300));
  accepted(otp, ref(0), "1", after_seconds(301));
  CHECK(state(otp) == MessageState::submitted);
  receipt(otp, ref(0), MessageState::expired, "", after_seconds(400));
  CHECK(state(otp) == MessageState::expired);
  CHECK(otp.status == OtpStatus::expired);
}

// --- receipts -----------------------------------------------------------------------------------------------------

TEST_CASE("a repeated receipt changes nothing") {
  Otp otp = submitted();
  CHECK(receipt(otp, ref(0), MessageState::delivered, "000", after_seconds(5)));
  const std::string before = to_record(otp);
  CHECK_FALSE(receipt(otp, ref(0), MessageState::delivered, "000", after_seconds(6)));
  CHECK_FALSE(receipt(otp, ref(0), MessageState::undelivered, "034", after_seconds(7)));
  CHECK(to_record(otp) == before);
}

TEST_CASE("a carrier that gave a message up may deliver it after all, and both receipts are told") {
  Otp expired = submitted();
  receipt(expired, ref(0), MessageState::expired, "001", after_seconds(60));
  CHECK_FALSE(receipt(expired, ref(0), MessageState::undelivered, "002", after_seconds(61)));
  CHECK(receipt(expired, ref(0), MessageState::delivered, "000", after_seconds(62)));
  CHECK(state(expired) == MessageState::delivered);
  CHECK(expired.messages[0].ended_at == after_seconds(62));
  for (const auto final_state : {MessageState::undelivered, MessageState::rejected, MessageState::expired}) {
    Otp otp = submitted();
    receipt(otp, ref(0), final_state, "034", after_seconds(60));
    CHECK_FALSE(receipt(otp, ref(0), MessageState::expired, "001", after_seconds(61)));
    CHECK(receipt(otp, ref(0), MessageState::delivered, "000", after_seconds(62)));
    CHECK(state(otp) == MessageState::delivered);
    CHECK(otp.messages[0].submissions[0].overruled == OverruledReceipt{after_seconds(60), final_state, "034"});
    CHECK_FALSE(receipt(otp, ref(0), final_state, "034", after_seconds(63)));
    std::vector<std::string> told;
    for (const OtpEvent& event : timeline(otp))
      if (event.type == "receipt") told.push_back(event.detail + " " + event.error);
    CHECK(told == std::vector<std::string>{std::string(to_string(final_state)) + " 034", "delivered "});
    CHECK(to_record(*from_record(otp.id, to_record(otp))) == to_record(otp));
  }
}

TEST_CASE("a carrier that sends one receipt for a long text says it of the whole") {
  const auto two_parts = [](ReceiptsForLong receipts) {
    Otp otp = submitting(2);
    accepted(otp, ref(0, 0), "1", after_seconds(2), receipts);
    accepted(otp, ref(0, 1), "2", after_seconds(2), receipts);
    return otp;
  };
  struct Row {
    const char* what;
    ReceiptsForLong receipts;
    std::uint8_t part;
    MessageState told, then;
  };
  for (const Row& row : {
           Row{"each: one is not enough", ReceiptsForLong::each, 0, MessageState::delivered, MessageState::submitted},
           Row{"any: the first", ReceiptsForLong::any, 0, MessageState::delivered, MessageState::delivered},
           Row{"any: the last", ReceiptsForLong::any, 1, MessageState::delivered, MessageState::delivered},
           Row{"any: it failed", ReceiptsForLong::any, 0, MessageState::undelivered, MessageState::undelivered},
           Row{"last: the first says nothing", ReceiptsForLong::last, 0, MessageState::delivered,
               MessageState::submitted},
           Row{"last: the last", ReceiptsForLong::last, 1, MessageState::delivered, MessageState::delivered},
           Row{"last: it failed", ReceiptsForLong::last, 1, MessageState::expired, MessageState::expired},
       }) {
    CAPTURE(row.what);
    Otp otp = two_parts(row.receipts);
    CHECK(receipt(otp, ref(0, row.part), row.told, "", after_seconds(3), row.receipts));
    CHECK(state(otp) == row.then);
  }
}

TEST_CASE("one receipt for a long text that comes before the other part's response waits for it") {
  Otp otp = submitting(2);
  accepted(otp, ref(0, 0), "1", after_seconds(1), ReceiptsForLong::any);
  receipt(otp, ref(0, 0), MessageState::delivered, "", after_seconds(2), ReceiptsForLong::any);
  CHECK(state(otp) == MessageState::submitting);
  accepted(otp, ref(0, 1), "2", after_seconds(3), ReceiptsForLong::any);
  CHECK(state(otp) == MessageState::delivered);
}

TEST_CASE("a state that no receipt can tell is not taken") {
  for (const auto state_told :
       {MessageState::queued, MessageState::submitted, MessageState::unknown, MessageState::superseded}) {
    Otp otp = submitted();
    CHECK_FALSE(receipt(otp, ref(0), state_told, "", after_seconds(5)));
    CHECK(state(otp) == MessageState::submitted);
  }
}

TEST_CASE("of two carriers that have the message one delivery is enough") {
  Otp otp = failed_over();
  accepted(otp, ref(0), "1", after_seconds(30));
  accepted(otp, ref(1), "2", after_seconds(30));
  receipt(otp, ref(1), MessageState::undelivered, "034", after_seconds(31));
  CHECK(state(otp) == MessageState::submitted);  // the first may still make it
  receipt(otp, ref(0), MessageState::delivered, "000", after_seconds(32));
  CHECK(state(otp) == MessageState::delivered);
  CHECK(submission_state(otp, 1) == MessageState::undelivered);
}

TEST_CASE("a message delivered by one carrier stays delivered, whatever the other says") {
  Otp otp = failed_over();
  accepted(otp, ref(0), "1", after_seconds(30));
  receipt(otp, ref(0), MessageState::delivered, "000", after_seconds(30));
  CHECK(state(otp) == MessageState::delivered);
  refused(otp, ref(1), 0x45, true, after_seconds(31));
  CHECK(state(otp) == MessageState::delivered);
  CHECK(otp.messages[0].ended_at == after_seconds(30));
  CHECK_FALSE(sendable_message(otp, after_seconds(31)));
}

TEST_CASE("a message that one carrier could not deliver is delivered when another did after all") {
  Otp otp = failed_over();
  accepted(otp, ref(1), "2", after_seconds(30));
  receipt(otp, ref(1), MessageState::undelivered, "034", after_seconds(31));
  CHECK(state(otp) == MessageState::undelivered);
  accepted(otp, ref(0), "1", after_seconds(32));
  CHECK(state(otp) == MessageState::undelivered);
  receipt(otp, ref(0), MessageState::delivered, "000", after_seconds(33));
  CHECK(state(otp) == MessageState::delivered);
}

TEST_CASE("without a receipt for too long a submitted message's fate is unknown") {
  Otp otp = submitted();
  receipt_overdue(otp, 0, after_seconds(200'000));
  CHECK(state(otp) == MessageState::unknown);
  CHECK(receipt(otp, ref(0), MessageState::delivered, "000", after_seconds(200'001)));
  CHECK(state(otp) == MessageState::delivered);
  receipt_overdue(otp, 0, after_seconds(200'002));
  CHECK(state(otp) == MessageState::delivered);
}

// --- texts of several parts ---------------------------------------------------------------------------------------

TEST_CASE("a text of two parts, one lost and one never sent, goes on flagged, since the first may be at the phone") {
  Otp otp = submitting(2);
  outcome_unknown(otp, ref(0, 0), after_seconds(2));   // The connection died with the first part on it …
  refused(otp, ref(0, 1), 0, true, after_seconds(2));  // … and the second never left.
  CHECK(state(otp) == MessageState::queued);
  REQUIRE(begin_submission(otp, 0, "b", 2, after_seconds(3)));
  CHECK(otp.messages[0].submissions[1].possible_duplicate);
  SUBCASE("and when that happens again, it does not reach the phone a third time") {
    outcome_unknown(otp, ref(1, 0), after_seconds(4));
    refused(otp, ref(1, 1), 0, true, after_seconds(4));
    CHECK_FALSE(sendable_message(otp, after_seconds(5)));
  }
  SUBCASE("and a receipt for the lost part of the first try is still taken") {
    accepted(otp, ref(0, 0), "1", after_seconds(4));
    CHECK(receipt(otp, ref(0, 0), MessageState::delivered, "000", after_seconds(5)));
  }
}

TEST_CASE("a text of two parts of which none left goes on unflagged") {
  Otp otp = submitting(2);
  refused(otp, ref(0, 0), 0, true, after_seconds(2));
  refused(otp, ref(0, 1), 0, true, after_seconds(2));
  REQUIRE(begin_submission(otp, 0, "b", 2, after_seconds(3)));
  CHECK_FALSE(otp.messages[0].submissions[1].possible_duplicate);
}

TEST_CASE("what waits for a carrier can be given up, what has left can't") {
  Otp waiting = sample::otp();
  CHECK(give_up(waiting, 0, MessageState::expired, after_seconds(1)));
  CHECK(state(waiting) == MessageState::expired);
  CHECK_FALSE(sendable_message(waiting, after_seconds(1)));
  Otp sent = submitting();
  CHECK_FALSE(give_up(sent, 0, MessageState::expired, after_seconds(1)));
}
