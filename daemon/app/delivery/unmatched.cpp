#include "app/delivery/unmatched.h"

#include <algorithm>
#include <utility>

#include "app/delivery/receipt_match.h"
#include "core/otp/otp_rules.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// Whether the carrier may have taken this part, and its response has been lost.
bool lacks_response(const Submission& submission, std::size_t part) {
  if (submission.state != MessageState::unknown && submission.state != MessageState::submitting) return false;
  return part >= submission.segments.size() || submission.segments[part].state == MessageState::submitting;
}

/// The newest part by the receipt's carrier that awaits a receipt; else the newest whose response was lost, and whose
/// id therefore nobody knows; else the newest.
std::optional<SubmissionRef> submission_by(const Otp& otp, std::string_view carrier) {
  std::optional<SubmissionRef> newest, unanswered, awaiting;
  for (std::size_t m = 0; m < otp.messages.size(); ++m) {
    const auto& submissions = otp.messages[m].submissions;
    for (std::size_t s = 0; s < submissions.size(); ++s) {
      for (std::size_t g = 0; g < submissions[s].segments_expected && submissions[s].carrier == carrier; ++g) {
        const SubmissionRef ref{otp.id, static_cast<std::uint8_t>(m), static_cast<std::uint8_t>(s),
                                static_cast<std::uint8_t>(g)};
        if (lacks_response(submissions[s], g)) {
          unanswered = ref;
          continue;
        }
        if (g >= submissions[s].segments.size()) continue;
        newest = ref;
        if (otp_rules::awaits_receipt(otp, ref)) awaiting = ref;
      }
    }
  }
  if (awaiting) return awaiting;
  return unanswered ? unanswered : newest;
}

/// What the response would have said is in its receipt.
void make_up_response(Otp& otp, const SubmissionRef& ref, const StoredReceipt& receipt, ReceiptsForLong for_long,
                      WallTime now) {
  if (!lacks_response(otp.messages[ref.message].submissions[ref.submission], ref.segment)) return;
  otp_rules::accepted(otp, ref, receipt.smsc_message_id, now, for_long);
}

JoinedByHand join(Txn& txn, const JoinWish& wish, const CarrierReceiptHabits& habits, WallTime now) {
  using enum JoinedByHand::Outcome;
  const auto all = txn.unmatched(SIZE_MAX);
  const auto receipt = std::ranges::find(all, wish.row, &StoredReceipt::row);
  if (receipt == all.end()) return {no_receipt};
  auto otp = txn.otp(wish.otp);
  if (!otp) return {no_request};
  const auto ref = submission_by(*otp, receipt->carrier);
  if (!ref) return {no_submission};
  StoredReceipt meant = *receipt;
  meant.state = wish.said.value_or(meant.state);
  if (meant.state == MessageState::unknown) return {no_state};
  const ReceiptsForLong for_long = habits_of(habits, meant.carrier).for_long;
  make_up_response(*otp, *ref, meant, for_long, now);
  ReceiptMatch match{*ref, std::move(*otp)};
  const bool is_new = apply_receipt(txn, match, meant, for_long, now);
  txn.take_receipt(wish.row);
  return {is_new ? joined : nothing_new, match.otp.messages[ref->message].state};
}

}  // namespace

void read_unmatched(Services& services, std::size_t limit,
                    std::move_only_function<void(std::optional<std::vector<StoredReceipt>>)> done) {
  run_task(
      services.store, [limit](Txn& txn) { return txn.unmatched(limit); },
      [done = std::move(done)](Commit commit, std::vector<StoredReceipt>& receipts) mutable {
        if (commit == Commit::failed) return done(std::nullopt);
        done(std::move(receipts));
      });
}

void join_by_hand(Services& services, const JoinWish& wish,
                  std::move_only_function<void(std::optional<JoinedByHand>)> done) {
  run_task(
      services.store,
      [wish, habits = services.receipt_habits, now = services.loop.wall_now()](Txn& txn) {
        return join(txn, wish, *habits, now);
      },
      [done = std::move(done)](Commit commit, const JoinedByHand& joined) mutable {
        if (commit == Commit::failed) return done(std::nullopt);
        done(joined);
      });
}

}  // namespace xion
