#pragma once
#include <map>
#include <string>

#include "app/delivery/receipts.h"
#include "app/ports.h"
#include "app/settings_in_force.h"
#include "core/limits/limits.h"

namespace xion {

class Directory;

/// Messages by which phones ask for silence (STOP) and take that back (START). Whoever can make a carrier say that a
/// message came from a phone could silence somebody else's logins; so it counts only for apps whose message it answers
/// (this carrier, the sender that it went from, lately), for a while, and only so many of a carrier in an hour.
class StopRequests {
 public:
  StopRequests(const Ports& ports, const SettingsInForce& settings, const Directory& directory)
      : ports_(ports), settings_(settings), directory_(directory) {}
  /// False: it is none of these, and `acknowledge` was not taken. Its text is not kept.
  bool take(const CarrierSettings& carrier, const smpp::DeliverSm& sm, Receipts::Acknowledge& acknowledge);

 private:
  bool has_room(const std::string& carrier);
  Ports ports_;
  const SettingsInForce& settings_;
  const Directory& directory_;
  std::map<std::string, TokenBucket> room_;  ///< By carrier.
};

}  // namespace xion
