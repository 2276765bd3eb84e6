#include "app/delivery/receipts.h"

#include <memory>
#include <utility>
#include <vector>

#include "app/delivery/dispatcher.h"
#include "app/delivery/receipt_match.h"
#include "app/delivery/stop_requests.h"
#include "app/delivery/submissions.h"
#include "app/measures.h"
#include "app/traced.h"
#include "base/log.h"
#include "core/phone.h"
#include "core/receipt_quirks.h"
#include "domain/txn.h"

namespace xion {
enum class Taken : std::uint8_t { changed, repeated, parked, unmatched, doubtful };

struct TakenReceipt {
  Taken taken = Taken::parked;
  std::optional<OtpId> otp;
  std::optional<smpp::IdBase> base;  ///< In which the id was found.
  std::optional<Millis> after;       ///< From the acceptance of the message to the receipt.
  std::string calling_prefix{};
};

/// What to do with a receipt whose id is a message's, where its phone is spelt in no way that we know or the id is read
/// in a base that the account is not known to write: a message whose response is under way may be meant instead.
enum class IfInDoubt : std::uint8_t { ask, take, park };

/// One receipt on its way into the store.
struct ReceiptInHand {
  StoredReceipt receipt;
  bool can_match = true;           ///< False: its state or its id is of no use, whichever message it is about.
  std::vector<std::string> named;  ///< Numbers in its addresses.
  std::vector<BaseToTry> bases;
  ReceiptsForLong for_long = ReceiptsForLong::each;
  IfInDoubt if_in_doubt = IfInDoubt::ask;
};

namespace {

TakenReceipt take_receipt(Txn& txn, const ReceiptInHand& in_hand, Vault& vault) {
  StoredReceipt receipt = in_hand.receipt;
  // Two keyed hashes a number: only what is kept needs them.
  const auto with_phones = [&]() -> const StoredReceipt& {
    receipt.phones = named_phones(in_hand.named, vault);
    return receipt;
  };
  if (!in_hand.can_match) {
    txn.keep_unmatched(with_phones());
    return {Taken::unmatched, std::nullopt, std::nullopt, std::nullopt};
  }
  const auto fit = [&](std::string_view e164) { return phone_fit(in_hand.named, e164); };
  auto found = match_receipt(txn, receipt, vault, in_hand.bases, fit);
  const bool is_doubtful = found && (found->is_by_id_alone || found->is_in_other_base);
  if (is_doubtful && in_hand.if_in_doubt == IfInDoubt::ask)
    return {Taken::doubtful, std::nullopt, std::nullopt, std::nullopt};
  if (is_doubtful && (in_hand.if_in_doubt == IfInDoubt::park || may_be_of_lost_answer(txn, *found, receipt))) {
    receipt.why = found->is_by_id_alone ? WhyUnmatched::phone_disagrees : WhyUnmatched::id_unknown;
    found.reset();
  }
  if (!found) {
    txn.park(with_phones());
    return {Taken::parked, std::nullopt, std::nullopt, std::nullopt};
  }
  const OtpId otp = found->otp.id;
  if (!apply_receipt(txn, *found, receipt, in_hand.for_long, receipt.received_at))
    return {Taken::repeated, otp, found->base, std::nullopt};
  return {Taken::changed, otp, found->base, receipt.received_at - found->otp.messages[found->ref.message].queued_at,
          found->otp.calling_prefix};
}

std::string_view to_string(Taken taken) {
  switch (taken) {
    case Taken::changed: return "taken";
    case Taken::repeated: return "repeated";
    case Taken::parked: return "parked";
    case Taken::unmatched: return "unmatched";
    case Taken::doubtful: return "doubtful";
  }
  return "taken";
}

/// "…056": a number in whatever spelling has no country code to show.
std::string masked_number(std::string_view digits) {
  constexpr std::size_t shown = 3;
  return digits.size() <= shown ? std::string(digits) : "…" + std::string(digits.substr(digits.size() - shown));
}

}  // namespace

MessageState end_state_of(smpp::ReceiptState state) {
  switch (state) {
    case smpp::ReceiptState::delivered: return MessageState::delivered;
    case smpp::ReceiptState::expired: return MessageState::expired;
    case smpp::ReceiptState::deleted:
    case smpp::ReceiptState::skipped:
    case smpp::ReceiptState::undeliverable: return MessageState::undelivered;
    case smpp::ReceiptState::rejected: return MessageState::rejected;
    case smpp::ReceiptState::enroute:
    case smpp::ReceiptState::accepted:
    case smpp::ReceiptState::buffered: return MessageState::submitted;
    case smpp::ReceiptState::unknown:
    case smpp::ReceiptState::other: return MessageState::unknown;
  }
  return MessageState::unknown;
}

/// A repeated one is counted as such only, so that the states add up to messages.
void Receipts::count(const std::string& carrier, MessageState state, const TakenReceipt& taken) {
  ReceiptMeasures& here = measures_.receipts[carrier];
  switch (taken.taken) {
    case Taken::parked: ++measures_.receipts_parked; return;
    case Taken::unmatched:
      ++measures_.receipts_unmatched;
      log::info("receipt.unmatched", "receipts=1 hint=\"xionctl receipt unmatched\"");
      return;
    case Taken::repeated: ++here.repeated; return;
    case Taken::doubtful: return;
    case Taken::changed: break;
  }
  ++here.by_state[state];
  if (state == MessageState::delivered && taken.after) here.accept_to_delivered.observe(in_seconds(*taken.after));
}

/// A message from a phone. Its text is not kept; all that is looked for is whether it asks for silence.
void Receipts::take_message(const CarrierSettings& carrier, const smpp::DeliverSm& sm, Acknowledge acknowledge) {
  log::info("sms.incoming", "smsc={} octets={}", carrier.name, sm.short_message.size());
  if (!stop_requests_->take(carrier, sm, acknowledge)) acknowledge(smpp::status::ok);
}

Receipts::Receipts(const Ports& ports, const SettingsInForce& settings, Dispatcher& dispatcher,
                   const Directory& directory, Measures& measures)
    : ports_(ports),
      settings_(settings),
      dispatcher_(dispatcher),
      measures_(measures),
      bases_(ports.store),
      stop_requests_(std::make_unique<StopRequests>(ports, settings, directory)) {}
Receipts::~Receipts() = default;

void Receipts::take(const CarrierSettings& carrier, smpp::DeliverSm&& sm, Acknowledge acknowledge) {
  const auto parsed = smpp::parse_receipt(sm, receipt_quirks(carrier));
  if (!parsed) return take_message(carrier, sm, std::move(acknowledge));
  const bool is_unheard_of = parsed->state == smpp::ReceiptState::other && !parsed->is_intermediate;
  if (is_unheard_of) {
    ++measures_.receipts[carrier.name].unheard_of;
    log::warning("receipt.state_unheard_of", "smsc={} state=\"{}\"", carrier.name, parsed->state_word);
  } else if (!parsed->final) {
    log::debug("receipt.not_final", "smsc={} state={}", carrier.name, parsed->state_word);
    return acknowledge(smpp::status::ok);
  }
  auto in_hand = std::make_shared<ReceiptInHand>();
  StoredReceipt& receipt = in_hand->receipt;
  receipt.carrier = carrier.name;
  receipt.smsc_message_id = parsed->message_id;
  receipt.other_id = parsed->other_id;
  receipt.state = end_state_of(parsed->state);
  receipt.error = parsed->error;
  receipt.received_at = ports_.loop.wall_now();
  in_hand->named = named_numbers(parsed->source, parsed->destination);
  in_hand->bases = bases_.order(carrier);
  in_hand->for_long = carrier.receipts_for_long;
  if (!in_hand->named.empty()) receipt.shown_phone = masked_number(in_hand->named.front());
  if (is_unheard_of) {
    receipt.why = WhyUnmatched::state_unknown;
    receipt.state_word = parsed->state_word;
  } else if (receipt.smsc_message_id.empty()) {
    receipt.why = parsed->is_id_too_long ? WhyUnmatched::id_too_long : WhyUnmatched::id_missing;
  }
  in_hand->can_match = !is_unheard_of && !receipt.smsc_message_id.empty();
  keep(std::move(in_hand), std::move(acknowledge));
}

/// Whether a number is about to get an id of its own, the response being under way, is known by the binds only; so the
/// store is asked twice where a receipt's id alone speaks for a message, or speaks only in another base; the second
/// time once every response that came before is stored, since the receipt may be about one of those.
void Receipts::keep(std::shared_ptr<ReceiptInHand> in_hand, Acknowledge acknowledge) {
  run_task(
      ports_.store, [in_hand, &vault = ports_.store_vault](Txn& txn) { return take_receipt(txn, *in_hand, vault); },
      [this, in_hand, acknowledge = std::move(acknowledge)](Commit commit, TakenReceipt& taken) mutable {
        if (commit == Commit::durable && taken.taken == Taken::doubtful)
          return keep_doubtful(std::move(in_hand), std::move(acknowledge));
        on_kept(commit, in_hand->receipt, taken);
        acknowledge(commit == Commit::durable ? smpp::status::ok : smpp::status::rmsgqful);
      },
      [in_hand](Reads& reads) { foresee_match(reads, in_hand->receipt, in_hand->bases); }, Haste::rides);
}

void Receipts::keep_doubtful(std::shared_ptr<ReceiptInHand> in_hand, Acknowledge acknowledge) {
  if (dispatcher_.awaits_response(in_hand->receipt.carrier, in_hand->named)) {
    in_hand->if_in_doubt = IfInDoubt::park;
    return keep(std::move(in_hand), std::move(acknowledge));
  }
  dispatcher_.once_responses_are_kept([this, in_hand, acknowledge = std::move(acknowledge)](bool are_kept) mutable {
    in_hand->if_in_doubt = are_kept ? IfInDoubt::take : IfInDoubt::park;
    keep(std::move(in_hand), std::move(acknowledge));
  });
}

void Receipts::on_kept(Commit commit, const StoredReceipt& receipt, const TakenReceipt& taken) {
  if (commit == Commit::failed) {
    log::error("receipt.not_stored", "smsc={} smsc_message_id={} hint=\"the carrier was asked to send it again\"",
               receipt.carrier, receipt.smsc_message_id);
    return;
  }
  if (taken.base) bases_.learn(receipt.carrier, *taken.base);
  count(receipt.carrier, receipt.state, taken);
  if (taken.taken != Taken::changed) {
    log::debug("receipt.taken", "smsc={} smsc_message_id={} how={}", receipt.carrier, receipt.smsc_message_id,
               to_string(taken.taken));
    return;
  }
  traced::receipt_kept(*taken.otp, receipt.carrier, receipt.smsc_message_id, receipt.state, receipt.received_at);
  dispatcher_.note_delivery({receipt.carrier, taken.calling_prefix}, receipt.state == MessageState::delivered);
  if (log::is_enabled(log::Level::debug)) {
    log::debug("otp.delivery", "request={} smsc={} state={} error={} after_ms={}", to_string(*taken.otp),
               receipt.carrier, to_string(receipt.state), receipt.error.empty() ? "none" : receipt.error,
               taken.after->count());
  }
}

}  // namespace xion
