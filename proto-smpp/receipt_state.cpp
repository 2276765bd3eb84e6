#include <algorithm>

#include "smpp/ascii.h"
#include "smpp/receipt.h"

namespace xion::smpp {
namespace {

struct StateRow {
  ReceiptState state;
  std::uint8_t number;  ///< message_state, SMPP 3.4 §5.2.28; 0: has none
  bool final;
  std::string_view brief;  ///< seven letters, SMPP 3.4 appendix B
  std::string_view full;   ///< as carriers spell it out
};
constexpr StateRow state_rows[] = {
    {ReceiptState::enroute, 1, false, "ENROUTE", "EN_ROUTE"},
    {ReceiptState::delivered, 2, true, "DELIVRD", "DELIVERED"},
    {ReceiptState::expired, 3, true, "EXPIRED", "EXPIRE"},
    {ReceiptState::deleted, 4, true, "DELETED", "DELETE"},
    {ReceiptState::undeliverable, 5, true, "UNDELIV", "UNDELIVERABLE"},
    {ReceiptState::undeliverable, 5, true, "UNDELIV", "UNDELIVERED"},
    {ReceiptState::accepted, 6, false, "ACCEPTD", "ACCEPTED"},
    {ReceiptState::unknown, 7, false, "UNKNOWN", "UNKNOWN"},
    {ReceiptState::rejected, 8, true, "REJECTD", "REJECTED"},
    {ReceiptState::buffered, 0, false, "BUFFRED", "BUFFERED"},
    {ReceiptState::other, 0, false, "OTHER", "OTHER"},
};

const StateRow& row_of(ReceiptState state) { return *std::ranges::find(state_rows, state, &StateRow::state); }

bool equal_in_any_case(std::string_view word, std::string_view capitals) {
  return std::ranges::equal(word, capitals, {}, ascii::upper);
}

}  // namespace

std::string_view receipt_state_text(ReceiptState state) { return row_of(state).brief; }
bool is_final(ReceiptState state) { return row_of(state).final; }
std::uint8_t message_state_of(ReceiptState state) { return row_of(state).number; }

ReceiptState receipt_state_of(std::uint64_t message_state) {
  for (const StateRow& row : state_rows) {
    if (row.number != 0 && row.number == message_state) return row.state;
  }
  return ReceiptState::other;
}

ReceiptState receipt_state_of(std::string_view word) {
  for (const StateRow& row : state_rows) {
    if (row.state == ReceiptState::other) continue;
    if (equal_in_any_case(word, row.brief) || equal_in_any_case(word, row.full)) return row.state;
  }
  return ReceiptState::other;
}

}  // namespace xion::smpp
