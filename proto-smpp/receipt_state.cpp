#include <algorithm>
#include <iterator>

#include "smpp/ascii.h"
#include "smpp/receipt.h"

namespace xion::smpp {
namespace {

struct StateRow {
  ReceiptState state;
  std::uint8_t number;  ///< message_state, SMPP 3.4 §5.2.28 and 5.0 §4.7.15; 0: has none
  bool final;
  std::string_view brief;  ///< seven letters, SMPP 3.4 appendix B
};
constexpr StateRow state_rows[] = {
    {ReceiptState::enroute, 1, false, "ENROUTE"},      {ReceiptState::delivered, 2, true, "DELIVRD"},
    {ReceiptState::expired, 3, true, "EXPIRED"},       {ReceiptState::deleted, 4, true, "DELETED"},
    {ReceiptState::undeliverable, 5, true, "UNDELIV"}, {ReceiptState::accepted, 6, false, "ACCEPTD"},
    {ReceiptState::unknown, 7, false, "UNKNOWN"},      {ReceiptState::rejected, 8, true, "REJECTD"},
    {ReceiptState::skipped, 9, true, "SKIPPED"},       {ReceiptState::buffered, 0, false, "BUFFRED"},
    {ReceiptState::other, 0, false, "OTHER"},
};

struct WordRow {
  std::string_view beginning;  ///< in capitals
  ReceiptState state;
};
/// What a state's word begins with; the first row that fits counts, so that what denies a delivery stands before it.
/// Carriers cut the words, spell them out, and put their own reasons behind them.
constexpr WordRow word_rows[] = {
    {"DELIVERY_F", ReceiptState::undeliverable},  // DELIVERY_FAILED, DELIVERY_FAILURE
    {"DELIVERYF", ReceiptState::undeliverable},
    {"DELIVERY-F", ReceiptState::undeliverable},
    {"DELIVERY_E", ReceiptState::undeliverable},
    {"DELIVERY_IMP", ReceiptState::undeliverable},  // DELIVERY_IMPOSSIBLE
    {"DELIVERY_UN", ReceiptState::undeliverable},
    {"DELIVRD", ReceiptState::delivered},
    {"DELIVRED", ReceiptState::delivered},
    {"DELIVERED", ReceiptState::delivered},
    {"DELIVERD", ReceiptState::delivered},
    {"DLVRD", ReceiptState::delivered},
    {"UNDEL", ReceiptState::undeliverable},
    {"UNDLV", ReceiptState::undeliverable},
    {"NOT_DEL", ReceiptState::undeliverable},
    {"NOTDEL", ReceiptState::undeliverable},
    {"NONDEL", ReceiptState::undeliverable},
    {"EXPIR", ReceiptState::expired},
    {"DELET", ReceiptState::deleted},
    {"CANCEL", ReceiptState::deleted},
    {"REJEC", ReceiptState::rejected},
    {"REJCT", ReceiptState::rejected},
    {"BLOCKED", ReceiptState::rejected},
    {"BLACKL", ReceiptState::rejected},
    {"SKIP", ReceiptState::skipped},
    {"FAIL", ReceiptState::undeliverable},
    {"NOCRED", ReceiptState::undeliverable},
    {"NO_CRED", ReceiptState::undeliverable},
    {"SYSERR", ReceiptState::undeliverable},
    {"SYS_ERR", ReceiptState::undeliverable},
    {"SYSTEM_ERR", ReceiptState::undeliverable},
    {"NOROUTE", ReceiptState::undeliverable},
    {"NO_ROUTE", ReceiptState::undeliverable},
    {"UNKNOWN_SUB", ReceiptState::undeliverable},  // of a subscriber, not of an outcome
    {"UNKNOWNSUB", ReceiptState::undeliverable},
    {"UNKNOWN", ReceiptState::unknown},
    {"ENROU", ReceiptState::enroute},
    {"EN_ROU", ReceiptState::enroute},
    {"EN-ROU", ReceiptState::enroute},
    {"SCHED", ReceiptState::enroute},
    {"PENDING", ReceiptState::enroute},
    {"QUEUED", ReceiptState::enroute},
    {"ACCEP", ReceiptState::accepted},
    {"ACKED", ReceiptState::accepted},
    {"SUBMITTED", ReceiptState::accepted},
    {"BUFF", ReceiptState::buffered},
};
/// `DELIV` and `DELIVER` are cut, `DELIVERY…` is another word.
constexpr std::string_view delivered_in_full[] = {"DELIVRD", "DELIVERED"};
constexpr std::size_t cut_word_min = 5;

constexpr ReceiptStateName names[] = {
    {"delivered", ReceiptState::delivered}, {"undelivered", ReceiptState::undeliverable},
    {"expired", ReceiptState::expired},     {"deleted", ReceiptState::deleted},
    {"rejected", ReceiptState::rejected},   {"skipped", ReceiptState::skipped},
    {"enroute", ReceiptState::enroute},     {"accepted", ReceiptState::accepted},
    {"buffered", ReceiptState::buffered},   {"unknown", ReceiptState::unknown},
};

const StateRow& row_of(ReceiptState state) { return *std::ranges::find(state_rows, state, &StateRow::state); }

bool begins_with(std::string_view word, std::string_view beginning) {
  return word.size() >= beginning.size() &&
         std::ranges::equal(word.substr(0, beginning.size()), beginning, {}, ascii::upper);
}

}  // namespace

std::string_view receipt_state_text(ReceiptState state) { return row_of(state).brief; }
bool is_final(ReceiptState state) { return row_of(state).final; }
std::uint8_t message_state_of(ReceiptState state) { return row_of(state).number; }
std::span<const ReceiptStateName> receipt_state_names() { return names; }

ReceiptState receipt_state_of(std::uint64_t message_state) {
  if (message_state == 0) return ReceiptState::enroute;  // SCHEDULED, SMPP 5.0: not sent yet
  for (const StateRow& row : state_rows) {
    if (row.number == message_state) return row.state;
  }
  return ReceiptState::other;
}

ReceiptState receipt_state_of(std::string_view word) {
  for (const WordRow& row : word_rows) {
    if (begins_with(word, row.beginning)) return row.state;
  }
  const bool is_cut = word.size() >= cut_word_min && std::ranges::any_of(delivered_in_full, [&](std::string_view full) {
                        return word.size() < full.size() && begins_with(word, full.substr(0, word.size()));
                      });
  if (is_cut) return ReceiptState::delivered;
  return ReceiptState::other;
}

}  // namespace xion::smpp
