#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "smpp/message_id.h"
#include "smpp/pdu.h"
#include "smpp/receipt_fields.h"

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
  skipped,  ///< SMPP 5.0 §4.7.15: never sent
  other,    ///< a word or number that we have not heard of
};
/// `DELIVRD`, as receipts spell it.
std::string_view receipt_state_text(ReceiptState state);
bool is_final(ReceiptState state);
/// message_state as a number: 2 is delivered.
ReceiptState receipt_state_of(std::uint64_t message_state);
/// The word behind `stat:` in any case: short, spelt out, cut, with more behind it, or one that vendors use.
ReceiptState receipt_state_of(std::string_view word);
/// The number of a state; 0 for those that have none.
std::uint8_t message_state_of(ReceiptState state);

/// What states are called where a person writes them: `delivered`, `undelivered` …
struct ReceiptStateName {
  std::string_view name;
  ReceiptState state;
};
std::span<const ReceiptStateName> receipt_state_names();

/// What a carrier means by a word behind `stat:` (in capitals) or by the number of a message_state (in digits).
using ReceiptStates = std::map<std::string, ReceiptState, std::less<>>;

/// How one carrier's receipts differ from others'.
struct ReceiptQuirks {
  /// A message that is marked in no way is one too, if its text has both an id and a state.
  bool text_alone = false;
  const ReceiptStates* states = nullptr;  ///< before the common meanings; null: none
  const ReceiptReader* reader = nullptr;  ///< asked for the text's fields before the common reading; null: none
};

struct Receipt {
  std::string message_id;  ///< the TLV's, else the text's; empty where the receipt names none
  std::string
      other_id;  ///< the text's, where the TLV has another; or all that the text has, where that is more than a word
  bool is_id_too_long = false;
  ReceiptState state = ReceiptState::other;
  bool final = false;
  /// Whether it is an intermediate notification (esm_class 0x20): never final.
  bool is_intermediate = false;
  /// The word or number that gave `state`, to be logged where it is `other`.
  std::string state_word;
  std::string error;                       ///< 1–4 letters or digits; empty where none is given
  std::optional<std::string> submit_date;  ///< 10, 12 or 14 digits in the carrier's own time zone
  std::optional<std::string> done_date;
  Address source;  ///< of the deliver_sm: mostly the phone
  Address destination;
};

/// Whether a deliver_sm or data_sm is a receipt by its TLV or its esm_class.
bool is_receipt(const Sm& sm);

/// Reads a delivery receipt: TLVs first, then text. Nothing where it is not one.
std::optional<Receipt> parse_receipt(const Sm& sm, const ReceiptQuirks& quirks = {});

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
