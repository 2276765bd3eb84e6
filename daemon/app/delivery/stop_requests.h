#pragma once
#include <map>
#include <string>

#include "app/delivery/receipts.h"
#include "core/limits/limits.h"

namespace xion {

/// Messages by which phones ask for silence (STOP) and take that back (START). Whoever can make a carrier say that a
/// message came from a phone could silence somebody else's logins; so it counts only for apps whose message it answers
/// (this carrier, the sender that it went from, lately), for a while, and only so many of a carrier in an hour.
class StopRequests {
 public:
  explicit StopRequests(Services& services) : services_(services) {}
  /// False: it is none of these, and `acknowledge` was not taken. Its text is not kept.
  bool take(const CarrierSettings& carrier, const smpp::DeliverSm& sm, Receipts::Acknowledge& acknowledge);

 private:
  bool has_room(const std::string& carrier);
  Services& services_;
  std::map<std::string, TokenBucket> room_;  ///< By carrier.
};

}  // namespace xion
