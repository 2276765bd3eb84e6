#include "app/delivery/receipt_match.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "app/delivery/submissions.h"
#include "core/otp/delivery_rules.h"
#include "core/phone.h"
#include "domain/txn.h"

namespace xion {
namespace {

/// Whether `a` is the better choice of two whose phone says the same.
bool goes_before(const MatchCandidate& a, const MatchCandidate& b) {
  return std::tuple(a.order, !a.awaits_receipt, b.fit, b.otp) < std::tuple(b.order, !b.awaits_receipt, a.fit, a.otp);
}

template <typename IsMeant>
std::optional<std::size_t> best_of(std::span<const MatchCandidate> candidates, IsMeant is_meant) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (is_meant(candidates[i]) && (!best || goes_before(candidates[i], candidates[*best]))) best = i;
  }
  return best;
}

template <typename IsMeant>
bool are_of_one_request(std::span<const MatchCandidate> candidates, IsMeant is_meant) {
  std::optional<OtpId> one;
  for (const MatchCandidate& each : candidates) {
    if (!is_meant(each)) continue;
    if (one && *one != each.otp) return false;
    one = each.otp;
  }
  return one.has_value();
}

struct Found {
  MatchCandidate candidate;
  ReceiptMatch match;
};

/// Whether the message was on its way when the receipt came, by the clocks of whoever wrote down either.
bool was_on_its_way(Txn& txn, const Submission& submission, const StoredReceipt& receipt) {
  return submission.at <= receipt.received_at + txn.clocks_apart();
}
/// Else an id that fits in another base is chance.
bool could_be_told_of(Txn& txn, const Otp& otp, const SubmissionRef& ref, const StoredReceipt& receipt) {
  if (ref.message >= otp.messages.size()) return false;
  const auto& submissions = otp.messages[ref.message].submissions;
  return ref.submission < submissions.size() && was_on_its_way(txn, submissions[ref.submission], receipt);
}

/// A phone's newest requests, among which a lost answer is looked for.
constexpr std::size_t lost_answers_among = 8;

/// Octets of an id that another's can be by chance, read in another base. A longer one is the proof.
constexpr std::size_t short_id = 5;

bool lacks_an_id(const Submission& submission) {
  return submission.state != MessageState::rejected &&
         (submission.segments.size() < submission.segments_expected ||
          std::ranges::any_of(submission.segments, &std::string::empty, &Segment::smsc_message_id));
}

/// Where one is found whose phone agrees, what follows in order can't be meant, and isn't looked for.
std::vector<Found> candidates_of(Txn& txn, const StoredReceipt& receipt, Vault& vault, std::span<const BaseToTry> bases,
                                 const FitOf& fit_of) {
  std::vector<Found> found;
  std::size_t order = 0;
  for (const auto& [base, is_trusted] : bases) {
    for (const std::string* told : {&receipt.smsc_message_id, &receipt.other_id}) {
      ++order;
      const auto id = told->empty() ? std::nullopt : smpp::response_id_of(*told, base);
      if (!id) continue;
      bool is_found = false;
      for (const SubmissionRef& ref : txn.submissions(receipt.carrier, *id)) {
        auto otp = txn.otp(ref.otp);
        const auto phone = otp ? vault.open(otp->id, otp->phone_sealed) : std::nullopt;
        if (!otp) continue;
        if (base != bases.front().base && !could_be_told_of(txn, *otp, ref, receipt)) continue;
        // A number that can't be unsealed says nothing against an exact id.
        const PhoneFit fit = phone ? fit_of(phone->reveal()) : PhoneFit::disagrees;
        is_found |= agrees(fit);
        const bool awaits = otp_rules::awaits_receipt(*otp, ref);
        found.push_back({{fit, is_trusted, order, awaits, ref.otp}, {ref, std::move(*otp), base}});
      }
      if (is_found) return found;
    }
  }
  return found;
}

}  // namespace

std::expected<std::size_t, WhyUnmatched> choose_match(std::span<const MatchCandidate> candidates) {
  if (candidates.empty()) return std::unexpected(WhyUnmatched::id_unknown);
  if (const auto best = best_of(candidates, [](const MatchCandidate& each) { return agrees(each.fit); })) return *best;
  // With no number to hold against them the likeliest is meant.
  const auto names_none = [](const MatchCandidate& each) { return each.fit == PhoneFit::none_named; };
  if (const auto best = best_of(candidates, names_none)) return *best;
  const auto is_exact = [](const MatchCandidate& each) { return each.is_exact; };
  const auto has_tail = [](const MatchCandidate& each) { return each.is_exact && each.fit == PhoneFit::tail; };
  if (are_of_one_request(candidates, is_exact)) return *best_of(candidates, is_exact);
  if (are_of_one_request(candidates, has_tail)) return *best_of(candidates, has_tail);
  return std::unexpected(WhyUnmatched::phone_disagrees);
}

std::vector<BaseToTry> bases_to_try(std::optional<smpp::IdBase> configured, std::optional<smpp::IdBase> learnt) {
  const smpp::IdBase first = configured.value_or(learnt.value_or(smpp::IdBase::same));
  std::vector<BaseToTry> bases{{first, configured || first == smpp::IdBase::same}};
  for (const smpp::IdBase base : smpp::id_bases) {
    if (base != first) bases.push_back({base, false});
  }
  return bases;
}

void foresee_match(Reads& reads, const StoredReceipt& receipt, std::span<const BaseToTry> bases) {
  if (bases.empty()) return;
  for (const std::string* told : {&receipt.smsc_message_id, &receipt.other_id}) {
    auto id = told->empty() ? std::nullopt : smpp::response_id_of(*told, bases.front().base);
    if (id) reads.submissions.push_back({receipt.carrier, std::move(*id)});
  }
}

std::optional<ReceiptMatch> match_receipt(Txn& txn, StoredReceipt& receipt, Vault& vault,
                                          std::span<const BaseToTry> bases, const FitOf& fit_of) {
  auto found = candidates_of(txn, receipt, vault, bases, fit_of);
  std::vector<MatchCandidate> candidates;
  for (const Found& each : found) candidates.push_back(each.candidate);
  const auto chosen = choose_match(candidates);
  if (chosen) {
    const PhoneFit fit = found[*chosen].candidate.fit;
    found[*chosen].match.is_by_id_alone = fit == PhoneFit::disagrees || fit == PhoneFit::tail;
    found[*chosen].match.is_in_other_base = found[*chosen].match.base != bases.front().base;
    return std::move(found[*chosen].match);
  }
  const bool names_no_id = receipt.smsc_message_id.empty() && receipt.other_id.empty();
  if (receipt.why != WhyUnmatched::id_too_long) receipt.why = names_no_id ? WhyUnmatched::id_missing : chosen.error();
  if (chosen.error() == WhyUnmatched::phone_disagrees) {
    const Otp& newest = std::ranges::max(found, {}, [](const Found& each) { return each.candidate.otp; }).match.otp;
    receipt.candidate = newest.id;
    if (const auto phone = vault.open(newest.id, newest.phone_sealed))
      receipt.shown_candidate_phone = mask_phone(phone->reveal(), newest.calling_prefix);
  }
  return std::nullopt;
}

bool may_be_of_lost_answer(Txn& txn, const ReceiptMatch& match, const StoredReceipt& receipt) {
  const Submission& matched = match.otp.messages[match.ref.message].submissions[match.ref.submission];
  if (!match.is_in_other_base || matched.segments[match.ref.segment].smsc_message_id.size() > short_id) return false;
  OtpFilter of_phone;
  of_phone.phone = match.otp.phone;
  const auto may_be_meant = [&](const Submission& submission) {
    return submission.carrier == receipt.carrier && submission.at != matched.at &&
           submission.at > matched.at - txn.clocks_apart() && was_on_its_way(txn, submission, receipt) &&
           lacks_an_id(submission);
  };
  return std::ranges::any_of(txn.find(of_phone, std::nullopt, lost_answers_among).otps, [&](const Otp& otp) {
    return otp.phone == match.otp.phone && std::ranges::any_of(otp.messages, [&](const Message& message) {
             return std::ranges::any_of(message.submissions, may_be_meant);
           });
  });
}

bool apply_receipt(Txn& txn, ReceiptMatch& match, const StoredReceipt& receipt, ReceiptsForLong for_long,
                   WallTime now) {
  const MessageState before = match.otp.messages[match.ref.message].state;
  if (!otp_rules::receipt(match.otp, match.ref, receipt.state, receipt.error, now, for_long)) return false;
  txn.put(match.otp);
  count_delivery(txn, match.otp, match.ref.message, before, now);
  return true;
}

}  // namespace xion
