#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "app/delivery/id_bases.h"
#include "app/ports.h"
#include "app/settings_in_force.h"
#include "smpp/pdu.h"
#include "smpp/receipt.h"

namespace xion {

class Directory;
class Dispatcher;
struct Measures;
struct TakenReceipt;
struct ReceiptInHand;
class StopRequests;

/// Takes deliver_sm and data_sm: a receipt is matched and durable before it is acknowledged, one that comes before the
/// response is parked; a message from a phone is logged, and where it asks for silence the phone is blocked.
class Receipts {
 public:
  /// Answers the deliver_sm with a command_status.
  using Acknowledge = std::move_only_function<void(std::uint32_t command_status)>;
  Receipts(const Ports& ports, const SettingsInForce& settings, Dispatcher& dispatcher, const Directory& directory,
           Measures& measures);
  ~Receipts();
  void take(const CarrierSettings& carrier, smpp::DeliverSm&& sm, Acknowledge acknowledge);

  /// In which base each account's receipts write ids.
  IdBases& bases() { return bases_; }
  const IdBases& bases() const { return bases_; }

 private:
  void take_message(const CarrierSettings& carrier, const smpp::DeliverSm& sm, Acknowledge acknowledge);
  void keep(std::shared_ptr<ReceiptInHand> in_hand, Acknowledge acknowledge);
  void keep_doubtful(std::shared_ptr<ReceiptInHand> in_hand, Acknowledge acknowledge);
  void on_kept(Commit commit, const StoredReceipt& receipt, const TakenReceipt& taken);
  void count(const std::string& carrier, MessageState state, const TakenReceipt& taken);
  Ports ports_;
  const SettingsInForce& settings_;
  Dispatcher& dispatcher_;
  Measures& measures_;
  IdBases bases_;
  std::unique_ptr<StopRequests> stop_requests_;
};

/// The message state that a final receipt stands for.
MessageState end_state_of(smpp::ReceiptState state);

}  // namespace xion
