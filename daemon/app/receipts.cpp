#include "app/receipts.h"

#include <utility>

#include "app/submissions.h"
#include "base/log.h"
#include "smpp/message_id.h"

namespace xion {
namespace {

enum class Taken : std::uint8_t { changed, repeated, parked };

struct TakenReceipt {
  Taken taken = Taken::parked;
  std::optional<OtpId> otp;
};

/// The number that a receipt is about, as E.164, whichever way the carrier writes it.
std::string e164_of(const smpp::Address& address) {
  const std::size_t digits_from = address.digits.find_first_not_of("+0");
  return digits_from == std::string::npos ? std::string() : "+" + address.digits.substr(digits_from);
}

/// Most carriers spell an id in the receipt as in the response; the other spellings are looked for only where it is not found.
std::optional<SubmissionRef> find_submission(Txn& txn, const StoredReceipt& receipt) {
  if (auto ref = txn.submission(receipt.carrier, receipt.smsc_message_id)) return ref;
  for (const std::string& id : smpp::message_id_variants(receipt.smsc_message_id)) {
    if (auto ref = txn.submission(receipt.carrier, id)) return ref;
  }
  return std::nullopt;
}

TakenReceipt take_receipt(Txn& txn, const StoredReceipt& receipt, WallTime now) {
  const auto ref = find_submission(txn, receipt);
  auto otp = ref ? txn.otp(ref->otp) : std::nullopt;
  // Carriers use an id again after days: the number must agree, where the receipt names one that we can read.
  if (otp && (otp->phone == receipt.phone || receipt.phone == Fingerprint{})) {
    const MessageState before = otp->messages[ref->message].state;
    if (!otp_rules::receipt(*otp, *ref, receipt.state, receipt.error, now)) return {Taken::repeated, ref->otp};
    txn.put(*otp);
    count_delivery(txn, *otp, ref->message, before, now);
    return {Taken::changed, ref->otp};
  }
  txn.park(receipt);
  return {Taken::parked, std::nullopt};
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
      [receipt, phone = e164_of(parsed->source), &vault = services_.store_vault](Txn& txn) mutable {
        if (!phone.empty()) receipt.phone = vault.phone_fingerprint(phone);
        return take_receipt(txn, receipt, receipt.received_at);
      },
      [acknowledge = std::move(acknowledge), name = carrier.name, id = receipt.smsc_message_id](Commit commit, TakenReceipt& taken) mutable {
        acknowledge(commit == Commit::durable ? smpp::status::ok : smpp::status::rmsgqful);
        if (commit == Commit::failed) {
          log::error("receipt.not_stored", "smsc={} smsc_message_id={} hint=\"the carrier was asked to send it again\"", name, id);
        } else if (taken.taken != Taken::changed) {
          log::debug("receipt.taken", "smsc={} smsc_message_id={} how={}", name, id, to_string(taken.taken));
        }
      });
}

}  // namespace xion
