#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "smpp/pdu.h"

namespace xion::smpp {

/// Whether a trace shows whole phone numbers, or their last three digits.
enum class Phones : std::uint8_t { masked, shown };

/// One field of a PDU as a trace shows it, by the names of Wireshark's dissector less their `smpp.`.
struct PduField {
  std::string name;
  std::string value;
  bool is_remark = false;  ///< About a value that is not shown, such as its length.
};

/// What a trace shows of a PDU, in the PDU's order: zero and empty fields are left out, passwords too, and of texts
/// only their length is told. Of a receipt's text `receipt.id`, `receipt.stat` and `receipt.err` are told.
std::vector<PduField> fields_of(const Pdu& pdu, Phones phones = Phones::masked);

}  // namespace xion::smpp
