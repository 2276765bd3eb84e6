#include <algorithm>

#include "core/otp/disposition.h"
#include "core/otp/otp.h"
#include "core/otp/timeline.h"
#include "core/otp/waited.h"
#include "smpp/command.h"
#include "smpp/status_meaning.h"

namespace xion {
namespace {

std::string ids_of(const Submission& submission) {
  std::string ids;
  for (const Segment& segment : submission.segments) {
    if (segment.smsc_message_id.empty()) continue;
    if (!ids.empty()) ids.push_back(' ');
    ids.append(segment.smsc_message_id);
  }
  return ids;
}

bool every_part_was_accepted(const Submission& submission) {
  return submission.segments.size() == submission.segments_expected &&
         std::ranges::none_of(submission.segments,
                              [](const Segment& s) { return s.state == MessageState::submitting; });
}

class Teller {
 public:
  explicit Teller(const Otp& otp) : otp_(otp) {}

  std::vector<OtpEvent> tell() {
    add(otp_.created_at, "created");
    for (const Message& message : otp_.messages) tell(message);
    for (const FailedAttempt& attempt : otp_.failed_attempts) {
      message_ = 0;
      add(attempt.at, "attempt").detail = "invalid_code";
    }
    message_ = 0;
    for (const PolicyEvent& event : otp_.policy_events) tell(event);
    const bool is_told =
        otp_.status == OtpStatus::blocked && std::ranges::any_of(otp_.policy_events, &PolicyEvent::is_refusal);
    if (otp_.status != OtpStatus::pending && !is_told) {
      add(otp_.ended_at.value_or(otp_.created_at), to_string(otp_.status)).detail = otp_.reason;
    }
    // Stable: within a millisecond what is told first came first.
    std::ranges::stable_sort(events_, {}, &OtpEvent::at);
    return std::move(events_);
  }

 private:
  OtpEvent& add(WallTime at, std::string_view type) {
    OtpEvent& event = events_.emplace_back();
    event.at = at;
    event.type = type;
    event.message = message_;
    return event;
  }

  OtpEvent& add(WallTime at, std::string_view type, const Submission& submission) {
    OtpEvent& event = add(at, type);
    event.carrier = submission.carrier;
    return event;
  }

  void tell(const PolicyEvent& event) {
    if (event.reason.starts_with(waited_reason)) {
      add(event.at, "waited").detail = event.reason.substr(waited_reason.size());
    } else {
      add(event.at, event.is_refusal ? "blocked" : "flagged").detail = describe(event);
    }
  }

  void tell(const Message& message) {
    ++sends_;
    message_ = sends_;
    add(message.queued_at, sends_ == 1 ? "queued" : "resent");
    const Submission* before = nullptr;
    for (std::size_t i = 0; i < message.submissions.size(); ++i) {
      const Submission& submission = message.submissions[i];
      // The same carrier once more is no failover: it had no room for it.
      const bool is_elsewhere = before != nullptr && before->carrier != submission.carrier;
      auto& begun = add(submission.at, is_elsewhere ? "failed_over" : "submitting", submission);
      if (submission.possible_duplicate)
        begun.detail = "possible_duplicate";
      else if (submission.segments_expected > 1)
        begun.detail = std::to_string(submission.segments_expected) + " parts";
      tell_outcome(message, submission, i + 1 < message.submissions.size() ? &message.submissions[i + 1] : nullptr);
      before = &submission;
    }
    if (message.state == MessageState::superseded) {
      const bool has_died = died_waiting(message);
      auto& over = add(message.ended_at.value_or(message.queued_at), has_died ? "expired" : "superseded");
      if (has_died) over.detail = "no carrier took it in time";
    }
  }

  /// Whether its code was over before any carrier had it.
  bool died_waiting(const Message& message) const {
    const bool ended_with_it = otp_.status == OtpStatus::expired && message.ended_at == otp_.ended_at;
    return ended_with_it && std::ranges::none_of(message.submissions,
                                                 [](const Submission& s) { return s.state != MessageState::rejected; });
  }

  /// The carrier has too much to do, or its queue is full: until when, the next try tells.
  bool tell_throttled(const Submission& submission, WallTime answered_at, const Submission* next) {
    const Disposition disposition = disposition_of(submission.command_status);
    if (disposition != Disposition::slow_down && disposition != Disposition::queue_full) return false;
    auto& throttled = add(answered_at, "throttled", submission);
    throttled.error = smpp::status_name(submission.command_status);
    throttled.error_meaning = smpp::status_meaning(submission.command_status);
    throttled.latency = answered_at - submission.at;
    if (next != nullptr) throttled.detail = "until " + rfc3339_millis(next->at);
    return true;
  }

  void tell_outcome(const Message& message, const Submission& submission, const Submission* next) {
    const WallTime answered_at = submission.answered_at.value_or(submission.at);
    if (every_part_was_accepted(submission)) {
      auto& taken = add(answered_at, "submitted", submission);
      taken.smsc_message_id = ids_of(submission);
      taken.latency = answered_at - submission.at;
    } else if (submission.state == MessageState::rejected && tell_throttled(submission, answered_at, next)) {
      // Told.
    } else if (submission.state == MessageState::rejected) {
      auto& refused = add(answered_at, "refused", submission);
      const bool is_lost = submission.command_status == smpp::status::ok;
      refused.error = is_lost ? "link_lost" : smpp::status_name(submission.command_status);
      refused.error_meaning = is_lost
                                  ? "it did not leave: the connection was lost, or the bind had no room for it in time"
                                  : smpp::status_meaning(submission.command_status);
      refused.latency = answered_at - submission.at;
    } else if (submission.state == MessageState::unknown) {
      add(answered_at, "outcome_unknown", submission);
    }
    if (const auto& earlier = submission.overruled)
      tell_receipt(message, submission, earlier->at, earlier->state, earlier->error);
    if (submission.receipt_at)
      tell_receipt(message, submission, *submission.receipt_at, submission.state, submission.receipt_error);
  }

  void tell_receipt(const Message& message, const Submission& submission, WallTime at, MessageState state,
                    const std::string& error) {
    auto& receipt = add(at, "receipt", submission);
    receipt.smsc_message_id = ids_of(submission);
    receipt.detail = to_string(state);
    if (state != MessageState::delivered && error.find_first_not_of('0') != std::string::npos) receipt.error = error;
    receipt.error_meaning = smpp::receipt_error_meaning(receipt.error);
    receipt.latency = at - message.queued_at;
  }

  const Otp& otp_;
  std::vector<OtpEvent> events_;
  std::uint32_t sends_ = 0;
  std::uint32_t message_ = 0;
};

}  // namespace

std::vector<OtpEvent> timeline(const Otp& otp) { return Teller(otp).tell(); }

}  // namespace xion
