#include "app/receipts.h"

#include <algorithm>
#include <span>
#include <utility>

#include "app/dispatcher.h"
#include "app/receipt_phone.h"
#include "app/submissions.h"
#include "base/log.h"
#include "core/phone.h"
#include "core/stop_words.h"
#include "smpp/incoming_text.h"
#include "smpp/message_id.h"

namespace xion {
enum class Taken : std::uint8_t { changed, repeated, parked };

struct TakenReceipt {
  Taken taken = Taken::parked;
  std::optional<OtpId> otp;
  std::optional<smpp::IdBase> base;  ///< In which the id was found.
  std::optional<Millis> after;       ///< From the acceptance of the message to the receipt.
  std::string calling_prefix{};
};

namespace {

/// The request that a receipt is about. Carriers use an id again after days, and an id reads as several numbers: the
/// phone must agree, where the receipt names one that we can read.
struct Match {
  SubmissionRef ref;
  Otp otp;
  smpp::IdBase base;
};
std::optional<Match> match(Txn& txn, const StoredReceipt& receipt, Vault& vault, std::span<const smpp::IdBase> bases) {
  for (const smpp::IdBase base : bases) {
    const auto id = smpp::response_id_of(receipt.smsc_message_id, base);
    const auto ref = id ? txn.submission(receipt.carrier, *id) : std::nullopt;
    auto otp = ref ? txn.otp(ref->otp) : std::nullopt;
    if (otp && is_about(receipt, *otp, vault)) return Match{*ref, std::move(*otp), base};
  }
  return std::nullopt;
}

TakenReceipt take_receipt(Txn& txn, const StoredReceipt& receipt, Vault& vault, std::span<const smpp::IdBase> bases,
                          WallTime now) {
  auto found = match(txn, receipt, vault, bases);
  if (!found) {
    txn.park(receipt);  // One that names no id too: it is shown among the unmatched.
    return {Taken::parked, std::nullopt, std::nullopt, std::nullopt};
  }
  Otp& otp = found->otp;
  const MessageState before = otp.messages[found->ref.message].state;
  if (!otp_rules::receipt(otp, found->ref, receipt.state, receipt.error, now))
    return {Taken::repeated, otp.id, found->base, std::nullopt};
  txn.put(otp);
  count_delivery(txn, otp, found->ref.message, before, now);
  return {Taken::changed, otp.id, found->base, receipt.received_at - otp.messages[found->ref.message].queued_at,
          otp.calling_prefix};
}

std::string_view to_string(Taken taken) {
  switch (taken) {
    case Taken::changed: return "taken";
    case Taken::repeated: return "repeated";
    case Taken::parked: return "parked";
  }
  return "taken";
}

/// How far back it is looked for who sent to a phone: as far as the store's histories go.
constexpr std::chrono::hours sender_memory{24};

/// Puts a phone on the block list of the apps that sent to it; of all apps where none did lately, since the carrier's
/// number may be all that the phone knows of us. Gives the number of lists.
std::size_t block_phone(Txn& txn, const Fingerprint& phone, const std::string& shown, WallTime now) {
  ListEntry entry;
  entry.kind = ListKind::block;
  entry.subject = ListSubject::phone;
  entry.phone = phone;
  entry.value = shown;
  entry.reason = "the phone asked for it (STOP)";
  entry.created_at = now;
  std::size_t lists = 0;
  for (const App& app : txn.apps()) {
    if (txn.history({HistoryKind::sends_of_phone, app.id, phone}, now - sender_memory).empty()) continue;
    entry.app = app.id;
    txn.put(entry);
    ++lists;
  }
  if (lists > 0) return lists;
  entry.app = 0;
  txn.put(entry);
  return 1;
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
  ReceiptMeasures& here = services_.measures.receipts[carrier];
  switch (taken.taken) {
    case Taken::parked: ++services_.measures.receipts_parked; return;
    case Taken::repeated: ++here.repeated; return;
    case Taken::changed: break;
  }
  ++here.by_state[state];
  if (state == MessageState::delivered && taken.after) here.accept_to_delivered.observe(in_seconds(*taken.after));
}

/// A message from a phone. Its text is not kept; all that is looked for is whether it asks for silence.
void Receipts::take_message(const CarrierSettings& carrier, const smpp::DeliverSm& sm, Acknowledge acknowledge) {
  log::info("sms.incoming", "smsc={} octets={}", carrier.name, sm.short_message.size());
  const auto phone = parse_phone(e164_of(sm.source));
  const bool is_stop =
      is_stop_request(smpp::incoming_text(sm, carrier.default_alphabet), services_.settings->stop_words);
  if (!phone || !is_stop) return acknowledge(smpp::status::ok);
  run_task(
      services_.store,
      [e164 = phone->e164, shown = mask_phone(phone->e164, phone->country_code), now = services_.loop.wall_now(),
       &vault = services_.store_vault](Txn& txn) {
        return block_phone(txn, vault.phone_fingerprint(e164), shown, now);
      },
      [acknowledge = std::move(acknowledge), name = carrier.name](Commit commit, std::size_t& lists) mutable {
        if (commit == Commit::durable) log::info("sms.stop", "smsc={} lists={}", name, lists);
        acknowledge(commit == Commit::durable ? smpp::status::ok : smpp::status::rmsgqful);
      });
}

void Receipts::take(const CarrierSettings& carrier, smpp::DeliverSm&& sm, Acknowledge acknowledge) {
  const auto parsed = smpp::parse_receipt(sm, {.text_alone = carrier.receipt_text_alone});
  if (!parsed) return take_message(carrier, sm, std::move(acknowledge));
  if (parsed->state == smpp::ReceiptState::other) {
    ++services_.measures.receipts[carrier.name].unheard_of;
    log::warning("receipt.state_unheard_of", "smsc={} state=\"{}\"", carrier.name, parsed->state_word.substr(0, 16));
  }
  if (!parsed->final) {
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
      [receipt, bases = bases_.order(carrier), phone = e164_of(parsed->source),
       &vault = services_.store_vault](Txn& txn) mutable {
        if (!phone.empty()) receipt.phone = vault.phone_fingerprint(phone);
        return take_receipt(txn, receipt, vault, bases, receipt.received_at);
      },
      [this, acknowledge = std::move(acknowledge), name = carrier.name, id = receipt.smsc_message_id,
       state = receipt.state, error = receipt.error](Commit commit, TakenReceipt& taken) mutable {
        if (commit == Commit::durable && taken.base) bases_.learn(name, *taken.base);
        if (commit == Commit::durable) count(name, state, taken);
        if (commit == Commit::durable && taken.taken == Taken::changed) {
          services_.dispatcher->note_delivery({name, taken.calling_prefix}, state == MessageState::delivered);
        }
        acknowledge(commit == Commit::durable ? smpp::status::ok : smpp::status::rmsgqful);
        if (commit == Commit::failed) {
          log::error("receipt.not_stored", "smsc={} smsc_message_id={} hint=\"the carrier was asked to send it again\"",
                     name, id);
        } else if (taken.taken == Taken::changed) {
          if (log::is_enabled(log::Level::debug)) {
            log::debug("otp.delivery", "request={} smsc={} state={} error={} after_ms={}", to_string(*taken.otp), name,
                       to_string(state), error.empty() ? "none" : error, taken.after->count());
          }
        } else {
          log::debug("receipt.taken", "smsc={} smsc_message_id={} how={}", name, id, to_string(taken.taken));
        }
      });
}

}  // namespace xion
