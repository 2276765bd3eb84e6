#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "app/delivery/receipt_phone.h"
#include "core/otp/delivery_rules.h"
#include "core/settings.h"
#include "ports/foresee.h"
#include "ports/stored.h"
#include "smpp/message_id.h"

namespace xion {

class Txn;

/// A message that a receipt may be about: it has one of the receipt's ids, in some base.
struct MatchCandidate {
  PhoneFit fit = PhoneFit::none_named;
  bool is_exact = false;  ///< The id is the response's own, in the base that the account is known to write.
  std::size_t order = 0;  ///< Of the base and of the id: lower is likelier.
  bool awaits_receipt = true;
  OtpId otp;  ///< Of two otherwise alike the newer one is meant.
};

/// Which of them it is. An exact id is the proof, however the phone is spelt. Where an id fits several messages, or
/// only in another base, the phone decides; one that is another's never gets it. Errors: `id_unknown` where there is
/// none, `phone_disagrees`.
std::expected<std::size_t, WhyUnmatched> choose_match(std::span<const MatchCandidate> candidates);

/// A base to look for a receipt's id in, and whether an id that is found in it is exact.
struct BaseToTry {
  smpp::IdBase base = smpp::IdBase::same;
  bool is_trusted = false;
};

/// The likeliest first. An account that is configured is known to write that base; one that was only seen to write
/// another than its responses is not: there the phone has to agree.
std::vector<BaseToTry> bases_to_try(std::optional<smpp::IdBase> configured, std::optional<smpp::IdBase> learnt);

struct ReceiptMatch {
  SubmissionRef ref;
  Otp otp;
  smpp::IdBase base = smpp::IdBase::same;
  /// The receipt names a phone, and only its id says that it is about this message.
  bool is_by_id_alone = false;
  /// Only a base that the account is not known to write says so; then the id may also be that of a submit to the same
  /// phone whose response is under way.
  bool is_in_other_base = false;
};
/// Where a receipt's message is looked for first; another base is read where it isn't found there.
void foresee_match(Reads& reads, const StoredReceipt& receipt, std::span<const BaseToTry> bases);

/// What a receipt's numbers do with a phone (E.164).
using FitOf = std::function<PhoneFit(std::string_view e164)>;
/// Finds the message that a receipt is about. Where none is, says why in the receipt.
std::optional<ReceiptMatch> match_receipt(Txn& txn, StoredReceipt& receipt, Vault& vault,
                                          std::span<const BaseToTry> bases, const FitOf& fit_of);
/// Whether the receipt's id, a short one, fits only in another base, and that of a later message to this phone is not
/// known, the carrier's answer having been lost: then it may be about that one.
bool may_be_of_lost_answer(Txn& txn, const ReceiptMatch& match, const StoredReceipt& receipt);
/// Writes what the receipt says. False where it says nothing new.
bool apply_receipt(Txn& txn, ReceiptMatch& match, const StoredReceipt& receipt, ReceiptsForLong for_long, WallTime now);

}  // namespace xion
