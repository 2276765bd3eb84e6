#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/otp/otp.h"

/// The way of a message through its carriers, pure like the rest of the request's lifecycle: record and time in, next
/// record out.
namespace xion::otp_rules {

/// Index of the message that waits to be sent, if any: queued, and the request live.
std::optional<std::size_t> sendable_message(const Otp& otp, WallTime now);

/// queued → submitting by `carrier`. False where nothing is to be sent any more (superseded, expired, ended, or sent
/// already).
bool begin_submission(Otp& otp, std::size_t message, std::string_view carrier, std::uint8_t segments, WallTime now);

/// What a link came to know about a submission (the newest of the message unless `submission` says which).
struct SubmissionRef {
  OtpId otp;
  std::uint8_t message = 0;
  std::uint8_t submission = 0;
  std::uint8_t segment = 0;
  bool operator==(const SubmissionRef&) const = default;
};

/// A message that waits for a carrier is over, as `state`. False where it does not wait (then unchanged).
bool give_up(Otp& otp, std::size_t message, MessageState state, WallTime now);

/// One submit_sm_resp with status 0 for one segment. When every expected segment has one: submitting (or unknown) →
/// submitted.
void accepted(Otp& otp, const SubmissionRef& ref, std::string_view smsc_message_id, WallTime now,
              ReceiptsForLong receipts = ReceiptsForLong::each);

/// The carrier refused (status ≠ 0), or the link broke before a byte left (`command_status` 0). The submission is
/// rejected; the message goes back to queued where `try_elsewhere` and the request is live, else rejected.
void refused(Otp& otp, const SubmissionRef& ref, std::uint32_t command_status, bool try_elsewhere, WallTime now);

/// Whether some of a text may be at the phone though its carrier refused the whole: the parts get answers of their own.
bool may_have_arrived(const Submission& submission);

/// No answer came in time, or the connection died in flight: the submission is `unknown`, and so is the message until a
/// late response, a receipt, or `resend_unknown`.
void outcome_unknown(Otp& otp, const SubmissionRef& ref, WallTime now);

/// The wait for a receipt of an unknown outcome is over: back to queued, to go by another carrier flagged as a possible
/// duplicate. False where the outcome is known by now or the request is not live (then the message stays unknown).
bool resend_unknown(Otp& otp, const SubmissionRef& ref, WallTime now);

/// A final receipt for one segment. The message takes the worst of its segments' states, delivered when all are; or the
/// one that speaks for all of them, where `receipts` says so. The later truth wins upwards only: a later or repeated
/// receipt never changes a final state except into delivered. Returns whether anything changed.
bool receipt(Otp& otp, const SubmissionRef& ref, MessageState final_state, std::string_view error, WallTime now,
             ReceiptsForLong receipts = ReceiptsForLong::each);

/// Whether the segment waits for its receipt still.
bool awaits_receipt(const Otp& otp, const SubmissionRef& ref);

/// No receipt came for so long that none will: submitted → unknown. Returns whether it was so.
bool receipt_overdue(Otp& otp, std::size_t message, WallTime now);

/// Carriers that were tried for this message already, in order.
std::vector<std::string_view> tried_carriers(const Otp& otp, std::size_t message);

}  // namespace xion::otp_rules
