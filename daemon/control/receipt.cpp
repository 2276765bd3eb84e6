// Receipts that belong to no message, and how a carrier's are read.
#include <algorithm>
#include <charconv>

#include "app/delivery/receipts.h"
#include "app/delivery/unmatched.h"
#include "control/carrier_view.h"
#include "control/verb.h"
#include "core/receipt_quirks.h"
#include "smpp/receipt.h"

namespace xion::control {
namespace {

/// `RCT-00000198A1B2C3D4`: what an operator types to mean a receipt.
constexpr std::string_view name_prefix = "RCT-";
std::string name_of(std::uint64_t row) { return fmt::format("{}{:016X}", name_prefix, row); }
std::optional<std::uint64_t> row_named(std::string_view name) {
  if (!name.starts_with(name_prefix)) return std::nullopt;
  name.remove_prefix(name_prefix.size());
  std::uint64_t row = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), row, 16);
  if (error != std::errc{} || end != name.data() + name.size() || row == 0) return std::nullopt;
  return row;
}

void write_receipt(JsonWriter& json, const StoredReceipt& receipt) {
  json.begin_object().field("id", name_of(receipt.row)).field("receivedAt", rfc3339_millis(receipt.received_at));
  json.field("carrier", receipt.carrier).field("messageId", receipt.smsc_message_id);
  if (!receipt.other_id.empty()) json.field("textMessageId", receipt.other_id);
  json.field("state", receipt.state_word.empty() ? to_string(receipt.state) : std::string_view(receipt.state_word));
  json.field("error", receipt.error).field("why", to_string(receipt.why)).field("meaning", meaning_of(receipt.why));
  if (!receipt.shown_phone.empty()) json.field("phone", receipt.shown_phone);
  if (receipt.candidate) json.field("requestId", to_string(*receipt.candidate));
  if (!receipt.shown_candidate_phone.empty()) json.field("requestPhone", receipt.shown_candidate_phone);
  json.end_object();
}

constexpr MessageState end_states[] = {MessageState::delivered, MessageState::undelivered, MessageState::expired,
                                       MessageState::rejected};

void receipt_unmatched(Command command) {
  const auto limit =
      static_cast<std::size_t>(std::clamp<std::int64_t>(command.request.number("limit").value_or(20), 1, 1000));
  Services& services = command.services;
  read_unmatched(services, limit, [command = std::move(command)](const auto& receipts) {
    if (!receipts) return command.refuse("the store can't be read", "see `xionctl status`");
    JsonWriter json;
    json.begin_array();
    for (const StoredReceipt& receipt : *receipts) write_receipt(json, receipt);
    json.end_array();
    command.done(std::move(json).str());
  });
}

void tell_joined(const Command& command, const OtpId& id, const JoinedByHand& result) {
  using enum JoinedByHand::Outcome;
  switch (result.outcome) {
    case no_receipt: return command.refuse("there is no such receipt", "`xionctl receipt unmatched` shows them");
    case no_request: return command.refuse("there is no such request", "it may be older than the log is kept");
    case no_submission: return command.refuse("this request never went by the receipt's carrier");
    case no_state:
      return command.refuse("the receipt says nothing of how the message ended",
                            "say it with --state: delivered, undelivered, expired or rejected");
    case nothing_new:
    case joined: break;
  }
  JsonWriter json;
  json.begin_object().field("requestId", to_string(id)).field("changed", result.outcome == joined);
  json.field("delivery", to_string(result.state)).end_object();
  command.done(std::move(json).str());
}

void receipt_match(Command command) {
  const auto row = row_named(command.required("id"));
  if (!row)
    return command.misuse("expected a receipt such as RCT-0198A1B2C3D40001", "`xionctl receipt unmatched` shows them");
  const auto id = parse_otp_id(command.required("request"));
  if (!id) return command.misuse("expected a request id such as OTP-06EZ7K3M9QX2T5RB");
  std::optional<MessageState> said;
  if (const auto word = command.request.text("state")) {
    const auto* const known = std::ranges::find(end_states, *word, [](MessageState state) { return to_string(state); });
    if (known == std::end(end_states)) return command.misuse("expected delivered, undelivered, expired or rejected");
    said = *known;
  }
  Services& services = command.services;
  join_by_hand(services, {*row, *id, said}, [command = std::move(command), id = *id](const auto& result) {
    if (!result) return command.refuse("the store could not keep it; nothing was changed", "see `xionctl status`");
    tell_joined(command, id, *result);
  });
}

}  // namespace

/// Reads a text as a carrier's receipt, without a receipt: what receipt_pattern and receipt_states make of it.
void carrier_receipt(Command command) {
  const auto& carriers = command.services.settings->carriers;
  const auto carrier = std::ranges::find(carriers, command.required("name"), &CarrierSettings::name);
  if (carrier == carriers.end()) return refuse_unknown_carrier(command);
  smpp::DeliverSm sm;
  sm.esm_class = 0x04;
  sm.tlvs.push_back({smpp::tag::message_payload, command.required("text")});
  const auto receipt = smpp::parse_receipt(sm, receipt_quirks(*carrier));
  if (!receipt) return command.refuse("this is no receipt");
  const smpp::ReceiptReader* pattern = carrier->receipt_pattern.reader();
  JsonWriter json;
  json.begin_object().field("carrier", carrier->name);
  json.field("readBy",
             pattern != nullptr && (*pattern)(command.required("text")) ? "receipt_pattern" : "the usual shape");
  json.field("messageId", receipt->message_id);
  if (!receipt->other_id.empty()) json.field("textMessageId", receipt->other_id);
  json.field("state", receipt->state_word);
  json.field("meaning", receipt->state == smpp::ReceiptState::other
                            ? std::string_view("unknown: receipt_states may say it")
                            : smpp::receipt_state_text(receipt->state));
  json.field("final", receipt->final).field("delivery", to_string(end_state_of(receipt->state)));
  json.field("error", receipt->error).field("doneDate", receipt->done_date.value_or("")).end_object();
  command.done(std::move(json).str());
}

Verbs receipt_verbs() {
  static constexpr Verb verbs[] = {{"receipt unmatched", receipt_unmatched}, {"receipt match", receipt_match}};
  static_assert(is_every_verb_of("receipt", verbs));
  return verbs;
}

}  // namespace xion::control
