#include "smpp/receipt.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "smpp/ascii.h"
#include "smpp/incoming_text.h"
#include "smpp/receipt_fields.h"

namespace xion::smpp {
namespace {

// esm_class of a deliver_sm. SMPP 3.4 §5.2.12.
constexpr unsigned type_mask = 0x3C;
constexpr unsigned type_receipt = 0x04;
constexpr unsigned type_intermediate = 0x20;

constexpr std::size_t error_limit = 4;

/// Longer words and numbers are no state's; a line of the log shows them whole.
constexpr std::size_t state_word_limit = 32;

/// A C-Octet String in a TLV: up to its NUL, which some leave out, without the blanks that some add.
std::string_view trimmed(std::string_view value) { return trimmed_id(value.substr(0, value.find('\0'))); }

/// network_error_code: network type and a 16-bit number, or the code in ASCII, which some put there.
std::string network_error(const Tlv& tlv) {
  const std::string_view text = trimmed(tlv.value);
  if (!text.empty() && text.size() <= error_limit && std::ranges::all_of(text, ascii::is_alphanumeric))
    return std::string(text);
  if (tlv.value.size() != 3) return {};
  return fmt::format("{:03}", *number_of({tlv.tag, tlv.value.substr(1)}));
}

/// message_state: one octet by the spec, two with some carriers, a digit in ASCII with others.
std::optional<std::uint64_t> message_state(const Tlv& tlv) {
  const std::string_view text = trimmed(tlv.value);
  if (text.size() == 1 && ascii::is_digit(text[0])) return static_cast<std::uint64_t>(text[0] - '0');
  return number_of(tlv);
}

/// What the carrier itself means by a word or a number.
std::optional<ReceiptState> own_state(const ReceiptStates* states, std::string_view word) {
  if (states == nullptr) return std::nullopt;
  std::string capitals(word);
  std::ranges::transform(capitals, capitals.begin(), ascii::upper);
  const auto known = states->find(capitals);
  return known == states->end() ? std::nullopt : std::optional(known->second);
}

/// What the text's words say: the carrier's own meaning of one word or of all, then the usual meaning of all, so that
/// `UNKNOWN SUBSCRIBER` is more than UNKNOWN, then that of the first word.
ReceiptState state_told(const ReceiptFields& fields, const ReceiptStates* states) {
  std::string phrase(fields.stat_phrase);
  if (const auto own = own_state(states, fields.stat->substr(0, state_word_limit))) return *own;
  if (const auto own = own_state(states, phrase)) return *own;
  std::ranges::replace_if(phrase, [](char c) { return !ascii::is_alphanumeric(c); }, '_');
  const ReceiptState of_all = receipt_state_of(phrase);
  return of_all == ReceiptState::other ? receipt_state_of(*fields.stat) : of_all;
}

/// The first that tells something we know: the TLV's number, then the text's words. The number 0, SMPP 5.0's "not sent
/// yet", is also what is written by carriers that fill in nothing, so that words beside it are asked.
void read_state(Receipt& receipt, const Sm& sm, const ReceiptFields& fields, const ReceiptStates* states) {
  bool says_little = false;
  if (const Tlv* tlv = find_tlv(sm.tlvs, tag::message_state)) {
    if (const auto number = message_state(*tlv)) {
      receipt.state_word = fmt::format("{}", *number);
      receipt.state = own_state(states, receipt.state_word).value_or(receipt_state_of(*number));
      says_little = *number == 0 && !own_state(states, receipt.state_word);
    }
  }
  if ((receipt.state == ReceiptState::other || says_little) && fields.stat && !fields.stat->empty()) {
    receipt.state_word = (fields.stat_phrase.empty() ? *fields.stat : fields.stat_phrase).substr(0, state_word_limit);
    receipt.state = state_told(fields, states);
  }
  receipt.final = is_final(receipt.state) && !receipt.is_intermediate;
}

/// TLV and text may name different ids: which of them is known only the store can say.
void read_ids(Receipt& receipt, const Sm& sm, const ReceiptFields& fields) {
  const auto take = [&](std::string_view id) {
    if (id.size() > message_id_limit) {
      receipt.is_id_too_long = true;
    } else if (receipt.message_id.empty()) {
      receipt.message_id = id;
    } else if (id != receipt.message_id) {
      receipt.other_id = id;
    }
  };
  if (const Tlv* id = find_tlv(sm.tlvs, tag::receipted_message_id)) take(trimmed(id->value));
  if (fields.id) take(trimmed(*fields.id));
  const auto phrase = trimmed(fields.id_phrase);
  if (receipt.other_id.empty() && !phrase.empty() && phrase.size() <= message_id_limit) take(phrase);
}

/// The fields of a text, and the text that they are views into.
struct TextRead {
  std::string text;
  ReceiptFields fields;
};

/// Reads the text wherever it may be, as the PDU says that it is written; then as ASCII, since some leave the message's
/// own data_coding at a receipt, and as UCS-2, which some don't tell of. The first that says something counts.
void read_text(TextRead& read, const Sm& sm, const ReceiptReader* reader) {
  for (const std::string_view octets : text_octets(sm)) {
    for (const std::uint8_t data_coding : {sm.data_coding, coding::latin1, coding::ucs2}) {
      // Receipts are written by the SMSC, so data_coding 0 is ASCII here, whatever the carrier's alphabet for messages.
      read.text = decode_text(octets, data_coding, Alphabet::latin1);
      const auto own = reader != nullptr && *reader ? (*reader)(read.text) : std::nullopt;
      read.fields = own ? *own : read_receipt_fields(read.text);
      if (read.fields.id || read.fields.stat) return;
    }
  }
}

std::string error_of(std::string_view err) {
  const bool is_code = !err.empty() && err.size() <= error_limit && std::ranges::all_of(err, ascii::is_alphanumeric);
  return is_code ? std::string(err) : std::string();
}

std::optional<std::string> date_of(std::string_view digits) {
  const bool is_date = (digits.size() == 10 || digits.size() == 12 || digits.size() == 14) &&
                       std::ranges::all_of(digits, ascii::is_digit);
  return is_date ? std::optional(std::string(digits)) : std::nullopt;
}

unsigned type_of(const Sm& sm) { return sm.esm_class & type_mask; }

std::string minutes_of(WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  return fmt::format("{:02}{:02}{:02}{:02}{:02}", static_cast<int>(date.year()) % 100,
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count());
}

}  // namespace

bool is_receipt(const Sm& sm) {
  return type_of(sm) == type_receipt || type_of(sm) == type_intermediate ||
         find_tlv(sm.tlvs, tag::receipted_message_id) != nullptr;
}

std::optional<Receipt> parse_receipt(const Sm& sm, const ReceiptQuirks& quirks) {
  const bool is_marked = is_receipt(sm);
  if (!is_marked && !quirks.text_alone) return std::nullopt;
  TextRead read;
  read_text(read, sm, quirks.reader);
  const ReceiptFields& fields = read.fields;
  if (!is_marked && !(fields.id && fields.stat)) return std::nullopt;

  Receipt receipt;
  receipt.is_intermediate = type_of(sm) == type_intermediate;
  receipt.source = sm.source;
  receipt.destination = sm.destination;
  read_ids(receipt, sm, fields);
  read_state(receipt, sm, fields, quirks.states);
  if (const Tlv* error = find_tlv(sm.tlvs, tag::network_error_code)) receipt.error = network_error(*error);
  if (receipt.error.empty()) receipt.error = error_of(fields.err);
  receipt.submit_date = date_of(fields.submit_date);
  receipt.done_date = date_of(fields.done_date);
  return receipt;
}

std::string receipt_text(const ReceiptText& receipt) {
  return fmt::format("id:{} sub:001 dlvrd:{} submit date:{} done date:{} stat:{} err:{} text:{}", receipt.message_id,
                     receipt.state == ReceiptState::delivered ? "001" : "000", minutes_of(receipt.submitted),
                     minutes_of(receipt.done), receipt_state_text(receipt.state), receipt.error, receipt.text);
}

}  // namespace xion::smpp
