// What becomes of a message: the part of otp_rules.h between the queue and the last receipt. A submission knows what
// one carrier said; the message's state follows from all of its submissions. Answers come late, twice, and after the
// request has ended: each is taken for the submission that it names, and none brings back what is over.
#include <algorithm>
#include <optional>
#include <utility>

#include "core/otp/delivery_rules.h"
#include "core/otp/otp_rules.h"

namespace xion::otp_rules {
namespace {

/// A submission's number is one octet in a SubmissionRef. A carrier that throttles for a whole lifetime gets there.
constexpr std::size_t submissions_limit = 255;

/// Of several submissions the one with most hope speaks for the message; of those without any, the one that a carrier
/// has reported on.
int hope(MessageState state) {
  switch (state) {
    case MessageState::queued:
    case MessageState::superseded:
    case MessageState::rejected: return 0;
    case MessageState::unknown: return 1;
    case MessageState::expired: return 2;
    case MessageState::undelivered: return 3;
    case MessageState::submitted: return 4;
    case MessageState::submitting: return 5;
    case MessageState::delivered: return 6;
  }
  return 0;
}

/// Of several parts the worst speaks for the whole: with one missing the text can't be read.
int harm(MessageState state) {
  switch (state) {
    case MessageState::delivered: return 0;
    case MessageState::submitted: return 1;
    case MessageState::queued:
    case MessageState::submitting:
    case MessageState::unknown: return 2;
    case MessageState::expired: return 3;
    case MessageState::rejected:
    case MessageState::superseded: return 4;
    case MessageState::undelivered: return 5;
  }
  return 0;
}

/// Whether a receipt may turn `from` into `to`. Source: carriers that give up waiting, then deliver after all, and say
/// so by a second receipt.
bool may_become(MessageState from, MessageState to) {
  switch (from) {
    case MessageState::submitted: return true;
    case MessageState::unknown:
    case MessageState::expired:
    case MessageState::undelivered:
    case MessageState::rejected: return to == MessageState::delivered;
    case MessageState::queued:
    case MessageState::submitting:
    case MessageState::delivered:
    case MessageState::superseded: return false;
  }
  return false;
}

/// Whether a receipt told of the submission as a whole. (`rejected` with a status is the carrier's own refusal.)
bool is_told(const Submission& submission) {
  switch (submission.state) {
    case MessageState::delivered:
    case MessageState::undelivered:
    case MessageState::expired: return true;
    case MessageState::rejected: return submission.receipt_at && submission.command_status == 0;
    case MessageState::queued:
    case MessageState::submitting:
    case MessageState::submitted:
    case MessageState::unknown:
    case MessageState::superseded: return false;
  }
  return false;
}

const Submission* find(const Otp& otp, const SubmissionRef& ref) {
  if (ref.message >= otp.messages.size()) return nullptr;
  const auto& submissions = otp.messages[ref.message].submissions;
  return ref.submission < submissions.size() ? &submissions[ref.submission] : nullptr;
}
Submission* find(Otp& otp, const SubmissionRef& ref) { return const_cast<Submission*>(find(std::as_const(otp), ref)); }

bool is_newest(const Otp& otp, const SubmissionRef& ref) {
  return ref.message + 1U == otp.messages.size() && ref.submission + 1U == otp.messages[ref.message].submissions.size();
}

void set_state(Message& message, MessageState state, WallTime now) {
  if (message.state == state) return;
  message.state = state;
  message.ended_at = is_final(state) ? std::optional(now) : std::nullopt;
}

MessageState most_hopeful(const Message& message) {
  MessageState best = MessageState::rejected;
  for (const Submission& submission : message.submissions) {
    if (hope(submission.state) > hope(best)) best = submission.state;
  }
  return best;
}

/// Brings a message's state in line with its submissions.
void settle(Message& message, WallTime now) {
  const MessageState told = most_hopeful(message);
  switch (message.state) {
    case MessageState::superseded:
    case MessageState::delivered: return;
    case MessageState::undelivered:
    case MessageState::expired:
      // Over, except that another carrier, or this one later, may have brought it to the phone.
      if (told != MessageState::delivered) return;
      break;
    case MessageState::queued:
    case MessageState::rejected:
      // Waits for its next carrier, or was given up; only news of an earlier submission's fate changes that.
      if (hope(told) <= hope(MessageState::unknown)) return;
      break;
    case MessageState::submitting:
    case MessageState::submitted:
    case MessageState::unknown: break;
  }
  set_state(message, told, now);
}

bool has_every_response(const Submission& submission) {
  return submission.segments.size() == submission.segments_expected &&
         std::ranges::none_of(submission.segments,
                              [](const Segment& s) { return s.state == MessageState::submitting; });
}

MessageState worst_segment(const Submission& submission) {
  return std::ranges::max(submission.segments, {}, [](const Segment& s) { return harm(s.state); }).state;
}

/// What the receipts so far make of a text whose parts are all answered.
MessageState outcome_of(const Submission& submission, ReceiptsForLong receipts) {
  switch (receipts) {
    case ReceiptsForLong::each: break;
    case ReceiptsForLong::any: {
      std::optional<MessageState> told;
      for (const Segment& segment : submission.segments) {
        if (is_final(segment.state) && (!told || harm(segment.state) > harm(*told))) told = segment.state;
      }
      if (told) return *told;
      break;
    }
    case ReceiptsForLong::last: return submission.segments.back().state;
  }
  return worst_segment(submission);
}

/// Whether one more try could bring the same text to the phone a third time.
bool is_at_its_last(const Message& message) {
  return std::ranges::any_of(message.submissions,
                             [](const Submission& s) { return s.possible_duplicate && may_have_arrived(s); });
}

/// Whether this message, now with no carrier, goes back to the queue: the request lives and no newer send replaced it.
bool may_go_on(const Otp& otp, std::size_t index, WallTime now) {
  const Message& message = otp.messages[index];
  const bool is_over = message.state != MessageState::submitting && message.state != MessageState::unknown;
  return !is_over && is_live(otp, now) && index + 1 == otp.messages.size() &&
         message.submissions.size() < submissions_limit;
}

}  // namespace

bool may_have_arrived(const Submission& submission) {
  if (submission.state == MessageState::unknown) return true;
  return submission.state == MessageState::rejected && submission.segments_expected > 1 &&
         (submission.command_status != 0 || !submission.segments.empty());
}

std::optional<std::size_t> sendable_message(const Otp& otp, WallTime now) {
  if (otp.messages.empty() || !is_live(otp, now)) return std::nullopt;
  if (otp.messages.back().state != MessageState::queued) return std::nullopt;
  return otp.messages.size() - 1;
}

bool begin_submission(Otp& otp, std::size_t message, std::string_view carrier, std::uint8_t segments, WallTime now) {
  if (sendable_message(otp, now) != message) return false;
  Message& sent = otp.messages[message];
  if (sent.submissions.size() >= submissions_limit) return false;
  Submission submission;
  submission.carrier = carrier;
  submission.at = now;
  submission.segments_expected = std::max<std::uint8_t>(segments, 1);
  submission.possible_duplicate = std::ranges::any_of(sent.submissions, may_have_arrived);
  sent.submissions.push_back(std::move(submission));
  set_state(sent, MessageState::submitting, now);
  return true;
}

bool give_up(Otp& otp, std::size_t message, MessageState state, WallTime now) {
  if (sendable_message(otp, now) != message) return false;
  set_state(otp.messages[message], state, now);
  return true;
}

void accepted(Otp& otp, const SubmissionRef& ref, std::string_view smsc_message_id, WallTime now,
              ReceiptsForLong receipts) {
  Submission* submission = find(otp, ref);
  if (submission == nullptr || ref.segment >= submission->segments_expected) return;
  auto& segments = submission->segments;
  // Responses come in any order: a part without one is `submitting`.
  while (segments.size() <= ref.segment) segments.push_back({"", MessageState::submitting});
  Segment& segment = segments[ref.segment];
  if (segment.state != MessageState::submitting) return;
  segment = {std::string(smsc_message_id), MessageState::submitted};

  // A part of a submission that was refused as a whole: kept for its receipt, the outcome stands.
  if (submission->state == MessageState::rejected || !has_every_response(*submission)) return;
  submission->state = outcome_of(*submission, receipts);
  submission->answered_at = now;
  settle(otp.messages[ref.message], now);
}

void refused(Otp& otp, const SubmissionRef& ref, std::uint32_t command_status, bool try_elsewhere, WallTime now) {
  Submission* submission = find(otp, ref);
  if (submission == nullptr) return;
  // The other parts of a text are refused too, and responses are repeated: the first one decided.
  if (submission->state != MessageState::submitting && submission->state != MessageState::unknown) return;
  // Another part is of unknown outcome: it may be at the phone, which its open answer keeps in mind.
  const bool has_lost_part = submission->state == MessageState::unknown && submission->segments_expected > 1;
  if (has_lost_part && submission->segments.empty()) submission->segments.push_back({"", MessageState::submitting});
  submission->state = MessageState::rejected;
  submission->command_status = command_status;
  submission->answered_at = now;

  Message& message = otp.messages[ref.message];
  const MessageState told = most_hopeful(message);
  // While a later submission is under way or has an unknown outcome of its own, that one decides what comes next.
  const bool is_nowhere = told == MessageState::rejected || (told == MessageState::unknown && is_newest(otp, ref));
  if (try_elsewhere && is_nowhere && !is_at_its_last(message) && may_go_on(otp, ref.message, now)) {
    set_state(message, MessageState::queued, now);
  } else {
    settle(message, now);
  }
}

void outcome_unknown(Otp& otp, const SubmissionRef& ref, WallTime now) {
  Submission* submission = find(otp, ref);
  if (submission == nullptr || submission->state != MessageState::submitting) return;
  submission->state = MessageState::unknown;
  submission->answered_at = now;
  settle(otp.messages[ref.message], now);
}

bool resend_unknown(Otp& otp, const SubmissionRef& ref, WallTime now) {
  const Submission* submission = find(otp, ref);
  if (submission == nullptr || submission->state != MessageState::unknown) return false;
  Message& message = otp.messages[ref.message];
  if (message.state != MessageState::unknown || !is_newest(otp, ref) || !may_go_on(otp, ref.message, now)) return false;
  set_state(message, MessageState::queued, now);
  return true;
}

bool receipt(Otp& otp, const SubmissionRef& ref, MessageState final_state, std::string_view error, WallTime now,
             ReceiptsForLong receipts) {
  const bool is_of_carrier = final_state == MessageState::delivered || final_state == MessageState::undelivered ||
                             final_state == MessageState::expired || final_state == MessageState::rejected;
  Submission* submission = find(otp, ref);
  if (!is_of_carrier || submission == nullptr || ref.segment >= submission->segments.size()) return false;
  Segment& segment = submission->segments[ref.segment];
  if (!may_become(segment.state, final_state)) return false;
  segment.state = final_state;
  const bool is_overruling = is_told(*submission) && submission->receipt_at && !submission->overruled;
  const OverruledReceipt before{submission->receipt_at.value_or(now), submission->state, submission->receipt_error};

  // The error stays that of the part that failed.
  if (final_state != MessageState::delivered || outcome_of(*submission, receipts) == MessageState::delivered ||
      !submission->receipt_at) {
    submission->receipt_error = error;
  }
  submission->receipt_at = now;
  if (!has_every_response(*submission)) return true;
  // A part of what was refused as a whole: its outcome stands.
  if (submission->state == MessageState::rejected && submission->command_status != 0) return true;
  if (const MessageState outcome = outcome_of(*submission, receipts); may_become(submission->state, outcome)) {
    if (is_overruling) submission->overruled = before;
    submission->state = outcome;
    settle(otp.messages[ref.message], now);
  }
  return true;
}

bool awaits_receipt(const Otp& otp, const SubmissionRef& ref) {
  const Submission* submission = find(otp, ref);
  return submission != nullptr && ref.segment < submission->segments.size() &&
         !is_final(submission->segments[ref.segment].state);
}

bool receipt_overdue(Otp& otp, std::size_t message, WallTime now) {
  if (message >= otp.messages.size() || otp.messages[message].state != MessageState::submitted) return false;
  for (Submission& submission : otp.messages[message].submissions) {
    if (submission.state == MessageState::submitted) submission.state = MessageState::unknown;
  }
  set_state(otp.messages[message], MessageState::unknown, now);
  otp.messages[message].ended_at = now;
  return true;
}

std::vector<std::string_view> tried_carriers(const Otp& otp, std::size_t message) {
  std::vector<std::string_view> carriers;
  if (message >= otp.messages.size()) return carriers;
  for (const Submission& submission : otp.messages[message].submissions) {
    if (std::ranges::find(carriers, submission.carrier) == carriers.end()) carriers.push_back(submission.carrier);
  }
  return carriers;
}

}  // namespace xion::otp_rules
