#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "app/services.h"
#include "smpp/pdu.h"
#include "smpp/receipt.h"

namespace xion {

/// Takes deliver_sm: a receipt is matched and durable before it is acknowledged, one that comes before the response is
/// parked, anything else is logged.
class Receipts {
 public:
  /// Answers the deliver_sm with a command_status.
  using Acknowledge = std::move_only_function<void(std::uint32_t command_status)>;
  explicit Receipts(Services& services) : services_(services) {}
  void take(const CarrierSettings& carrier, smpp::DeliverSm&& sm, Acknowledge acknowledge);

 private:
  Services& services_;
};

/// The message state that a final receipt stands for.
MessageState end_state_of(smpp::ReceiptState state);

}  // namespace xion
