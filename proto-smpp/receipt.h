#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "smpp/message_id.h"
#include "smpp/pdu.h"

namespace xion::smpp {

/// What a carrier says became of a message. SMPP 3.4 §5.2.28 and appendix B.
enum class ReceiptState {
  enroute,
  delivered,
  expired,
  deleted,
  undeliverable,
  accepted,
  unknown,
  rejected,
  buffered,
  other,  ///< a word or number that we have not heard of
};
/// `DELIVRD`, as receipts spell it.
std::string_view receipt_state_text(ReceiptState state);
bool is_final(ReceiptState state);
/// message_state as a number: 2 is delivered.
ReceiptState receipt_state_of(std::uint64_t message_state);
/// The word behind `stat:` in any case, short or spelt out.
ReceiptState receipt_state_of(std::string_view word);
/// The number of a state; 0 for those that have none.
std::uint8_t message_state_of(ReceiptState state);

struct Receipt {
  std::string message_id;  ///< empty where the receipt names none
  ReceiptState state = ReceiptState::other;
  bool final = false;
  /// Whether it is an intermediate notification (esm_class 0x20): never final.
  bool is_intermediate = false;
  /// The word or number that gave `state`, to be logged where it is `other`.
  std::string state_word;
  std::string error;                       ///< 1–4 letters or digits; empty where none is given
  std::optional<std::string> submit_date;  ///< 10, 12 or 14 digits in the carrier's own time zone
  std::optional<std::string> done_date;
  Address source;  ///< of the deliver_sm: the phone
  Address destination;
};

/// Whether a deliver_sm is a receipt by its TLV or its esm_class.
bool is_receipt(const DeliverSm& sm);

/// Reads a delivery receipt: TLVs first, then text. Nothing where it is not one. `text_alone` also takes a message of a
/// carrier that marks its receipts in no way, if its text has both `id:` and `stat:`.
std::optional<Receipt> parse_receipt(const DeliverSm& sm, bool text_alone = false);

/// The fields of a receipt as their usual text.
struct ReceiptText {
  std::string message_id;
  ReceiptState state = ReceiptState::delivered;
  std::string error = "000";
  WallTime submitted;
  WallTime done;
  std::string text;
};
/// `id:… sub:001 dlvrd:001 submit date:… done date:… stat:DELIVRD err:000 text:…`, with dates of 10 digits.
std::string receipt_text(const ReceiptText& receipt);

}  // namespace xion::smpp
