#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/services.h"
#include "smpp/pdu.h"
#include "smpp/receipt.h"

namespace xion {

struct TakenReceipt;

/// Takes deliver_sm: a receipt is matched and durable before it is acknowledged, one that comes before the response is
/// parked; a message from a phone
/// is logged, and where it asks for silence the phone is blocked.
class Receipts {
 public:
  /// Answers the deliver_sm with a command_status.
  using Acknowledge = std::move_only_function<void(std::uint32_t command_status)>;
  explicit Receipts(Services& services) : services_(services) {}
  void take(const CarrierSettings& carrier, smpp::DeliverSm&& sm, Acknowledge acknowledge);

  /// In which base the account's receipts write ids, once enough of them agreed.
  std::optional<smpp::IdBase> learnt(std::string_view carrier) const;

 private:
  void take_message(const CarrierSettings& carrier, const smpp::DeliverSm& sm, Acknowledge acknowledge);
  struct Learnt {
    smpp::IdBase base = smpp::IdBase::same;
    std::uint32_t agreeing = 0;
  };
  std::vector<smpp::IdBase> bases_of(const CarrierSettings& carrier) const;
  void count(const std::string& carrier, MessageState state, const TakenReceipt& taken);
  void learn(const std::string& carrier, smpp::IdBase base);
  Services& services_;
  std::map<std::string, Learnt, std::less<>> learnt_;   ///< By carrier.
};

/// The message state that a final receipt stands for.
MessageState end_state_of(smpp::ReceiptState state);

}  // namespace xion
