#pragma once
#include <memory>
#include <string>
#include <vector>

#include "app/carriers.h"
#include "app/smsc_link.h"

namespace xion {

/// One SMPP account: its binds, and what is known of it as a whole.
class Carrier {
 public:
  Carrier(Loop& loop, Entropy& entropy, CarrierSettingsRef settings, LinkEvents& events);

  /// Connects every bind, staggered by 20 ms.
  void start();
  void stop();
  bool is_stopped() const;
  void pause() { is_paused_ = true; }
  void resume() { is_paused_ = false; }
  void reconnect();
  void trace(Tracer tracer);
  /// What a link reports of a PDU, while the carrier is traced.
  void on_seen(const TracedPdu& pdu);

  /// A claim under way holds room, so that the store's latency can't overbook the binds.
  void reserve() { ++reserved_; }
  void release() { --reserved_; }
  CarrierHealth health() const;
  /// Gives a claimed message to the bind with the most room. False: none is bound.
  bool submit(Outgoing outgoing);
  void withdraw(const OtpId& otp, std::size_t first_kept);

  const CarrierSettingsRef& settings() const { return settings_; }
  bool is_bound() const;
  CarrierView view() const;

 private:
  CarrierSettingsRef settings_;
  std::vector<std::unique_ptr<SmscLink>> links_;
  bool is_paused_ = false;
  bool is_draining_ = false;
  std::size_t reserved_ = 0;
  TraceTap trace_tap_;
};

}  // namespace xion
