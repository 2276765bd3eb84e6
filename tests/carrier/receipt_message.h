#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/time.h"
#include "carrier/fault.h"
#include "carrier/random.h"
#include "smpp/pdu.h"
#include "smpp/receipt.h"

namespace xion::carrier {

/// What a receipt tells, before it is written.
struct ReceiptFacts {
  std::uint64_t number = 0;  ///< the carrier's own name of the message
  smpp::Address phone;
  smpp::Address sender;
  smpp::ReceiptState state = smpp::ReceiptState::delivered;
  std::string error;
  WallTime submitted;
  std::string text;  ///< the beginning of the message
  bool is_intermediate = false;
  std::shared_ptr<Faults> faults{};  ///< of the phone; null: none of its own
};

/// The id as submit_sm_resp tells it.
std::string response_id(std::uint64_t number, IdStyle style);
/// The id as the receipt spells it.
std::string receipt_id(std::uint64_t number, IdStyle style);

/// Writes a receipt as the faults that are on would have it.
smpp::DeliverSm receipt_message(const ReceiptFacts& facts, WallTime done, Faults& faults, Random& random);

/// Two TLVs that no list knows, one of them with octets that are no text.
void add_unknown_tlvs(std::vector<smpp::Tlv>& tlvs);

}  // namespace xion::carrier
