#include <algorithm>

#include "core/otp/otp.h"
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
    for (const PolicyEvent& event : otp_.policy_events) {
      add(event.at, event.is_refusal ? "blocked" : "flagged").detail = describe(event);
    }
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

  void tell(const Message& message) {
    ++sends_;
    message_ = sends_;
    add(message.queued_at, sends_ == 1 ? "queued" : "resent");
    bool is_first = true;
    for (const Submission& submission : message.submissions) {
      auto& begun = add(submission.at, is_first ? "submitting" : "failed_over", submission);
      if (submission.possible_duplicate) begun.detail = "possible_duplicate";
      tell_outcome(message, submission);
      is_first = false;
    }
    if (message.state == MessageState::superseded) add(message.ended_at.value_or(message.queued_at), "superseded");
  }

  void tell_outcome(const Message& message, const Submission& submission) {
    const WallTime answered_at = submission.answered_at.value_or(submission.at);
    if (every_part_was_accepted(submission)) {
      auto& taken = add(answered_at, "submitted", submission);
      taken.smsc_message_id = ids_of(submission);
      taken.latency = answered_at - submission.at;
    } else if (submission.state == MessageState::rejected) {
      auto& refused = add(answered_at, "refused", submission);
      const bool is_lost = submission.command_status == smpp::status::ok;
      refused.error = is_lost ? "link_lost" : smpp::status_name(submission.command_status);
      refused.error_meaning =
          is_lost ? "the connection was lost before it left" : smpp::status_meaning(submission.command_status);
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
