#include "app/receipts.h"

#include <algorithm>
#include <span>
#include <utility>

#include "app/submissions.h"
#include "base/log.h"
#include "smpp/message_id.h"

namespace xion {
enum class Taken : std::uint8_t { changed, repeated, parked };

struct TakenReceipt {
  Taken taken = Taken::parked;
  std::optional<OtpId> otp;
  std::optional<smpp::IdBase> base;  ///< In which the id was found.
  std::optional<Millis> after;       ///< From the acceptance of the message to the receipt.
};

namespace {

/// The number that a receipt is about, as E.164, whichever way the carrier writes it.
std::string e164_of(const smpp::Address& address) {
  const std::size_t digits_from = address.digits.find_first_not_of("+0");
  return digits_from == std::string::npos ? std::string() : "+" + address.digits.substr(digits_from);
}

/// The request that a receipt is about. Carriers use an id again after days, and an id reads as several numbers: the
/// phone must agree, where the receipt names one that we can read.
struct Match {
  SubmissionRef ref;
  Otp otp;
  smpp::IdBase base;
};
std::optional<Match> match(Txn& txn, const StoredReceipt& receipt, std::span<const smpp::IdBase> bases) {
  for (const smpp::IdBase base : bases) {
    const auto id = smpp::response_id_of(receipt.smsc_message_id, base);
    const auto ref = id ? txn.submission(receipt.carrier, *id) : std::nullopt;
    auto otp = ref ? txn.otp(ref->otp) : std::nullopt;
    if (otp && (otp->phone == receipt.phone || receipt.phone == Fingerprint{}))
      return Match{*ref, std::move(*otp), base};
  }
  return std::nullopt;
}

TakenReceipt take_receipt(Txn& txn, const StoredReceipt& receipt, std::span<const smpp::IdBase> bases, WallTime now) {
  auto found = match(txn, receipt, bases);
  if (!found) {
    txn.park(receipt);
    return {Taken::parked, std::nullopt, std::nullopt, std::nullopt};
  }
  Otp& otp = found->otp;
  const MessageState before = otp.messages[found->ref.message].state;
  if (!otp_rules::receipt(otp, found->ref, receipt.state, receipt.error, now))
    return {Taken::repeated, otp.id, found->base, std::nullopt};
  txn.put(otp);
  count_delivery(txn, otp, found->ref.message, before, now);
  return {Taken::changed, otp.id, found->base, receipt.received_at - otp.messages[found->ref.message].queued_at};
}

std::string_view to_string(Taken taken) {
  switch (taken) {
    case Taken::changed: return "taken";
    case Taken::repeated: return "repeated";
    case Taken::parked: return "parked";
  }
  return "taken";
}

}  // namespace

MessageState end_state_of(smpp::ReceiptState state) {
  switch (state) {
    case smpp::ReceiptState::delivered: return MessageState::delivered;
    case smpp::ReceiptState::expired: return MessageState::expired;
    case smpp::ReceiptState::deleted:
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

/// Where an account's receipts agreed so often in a row on one base, that one is looked for first.
constexpr std::uint32_t pinned_after = 3;

std::vector<smpp::IdBase> Receipts::bases_of(const CarrierSettings& carrier) const {
  if (carrier.receipt_id) return {*carrier.receipt_id};
  std::vector<smpp::IdBase> bases(std::begin(smpp::id_bases), std::end(smpp::id_bases));
  if (const auto known = learnt(carrier.name))
    std::rotate(bases.begin(), std::ranges::find(bases, *known), bases.end());
  return bases;
}

/// A repeated one is counted as such only, so that the states add up to messages.
void Receipts::count(const std::string& carrier, MessageState state, const TakenReceipt& taken) {
  ReceiptMeasures& here = services_.measures.receipts[carrier];
  switch (taken.taken) {
    case Taken::parked: ++services_.measures.receipts_parked; return;
    case Taken::repeated: ++here.repeated; return;
    case Taken::changed: break;
  }
  ++here.by_state[state];
  if (state == MessageState::delivered && taken.after) here.accept_to_delivered.observe(in_seconds(*taken.after));
}

void Receipts::learn(const std::string& carrier, smpp::IdBase base) {
  Learnt& here = learnt_[carrier];
  here.agreeing = here.base == base ? std::min(here.agreeing + 1, pinned_after) : 1;
  here.base = base;
}

std::optional<smpp::IdBase> Receipts::learnt(std::string_view carrier) const {
  const auto known = learnt_.find(carrier);
  if (known == learnt_.end() || known->second.agreeing < pinned_after) return std::nullopt;
  return known->second.base;
}

void Receipts::take(const CarrierSettings& carrier, smpp::DeliverSm&& sm, Acknowledge acknowledge) {
  const auto parsed = smpp::parse_receipt(sm, carrier.receipt_text_alone);
  if (!parsed) {
    log::info("sms.incoming", "smsc={} octets={}", carrier.name, sm.short_message.size());
    acknowledge(smpp::status::ok);
    return;
  }
  if (!parsed->final || parsed->message_id.empty()) {
    log::debug("receipt.not_final", "smsc={} state={}", carrier.name, parsed->state_word);
    acknowledge(smpp::status::ok);
    return;
  }
  StoredReceipt receipt;
  receipt.carrier = carrier.name;
  receipt.smsc_message_id = parsed->message_id;
  receipt.state = end_state_of(parsed->state);
  receipt.error = parsed->error;
  receipt.received_at = services_.loop.wall_now();
  run_task(
      services_.store,
      [receipt, bases = bases_of(carrier), phone = e164_of(parsed->source),
       &vault = services_.store_vault](Txn& txn) mutable {
        if (!phone.empty()) receipt.phone = vault.phone_fingerprint(phone);
        return take_receipt(txn, receipt, bases, receipt.received_at);
      },
      [this, acknowledge = std::move(acknowledge), name = carrier.name, id = receipt.smsc_message_id, state = receipt.state](
          Commit commit, TakenReceipt& taken) mutable {
        if (commit == Commit::durable && taken.base) learn(name, *taken.base);
        if (commit == Commit::durable) count(name, state, taken);
        acknowledge(commit == Commit::durable ? smpp::status::ok : smpp::status::rmsgqful);
        if (commit == Commit::failed) {
          log::error("receipt.not_stored", "smsc={} smsc_message_id={} hint=\"the carrier was asked to send it again\"",
                     name, id);
        } else if (taken.taken != Taken::changed) {
          log::debug("receipt.taken", "smsc={} smsc_message_id={} how={}", name, id, to_string(taken.taken));
        }
      });
}

}  // namespace xion
