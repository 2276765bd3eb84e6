#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "app/delivery/bind_slot.h"
#include "app/delivery/carriers.h"
#include "app/delivery/smsc_link.h"

namespace xion {

/// One SMPP account: its binds, of which those are up that are this node's, and what is known of it as a whole.
class SmppAccount {
 public:
  SmppAccount(Loop& loop, Entropy& entropy, Cluster& cluster, CarrierSettingsRef settings, LinkEvents& events);

  /// Wishes for every bind, and connects those that are ours, staggered by 20 ms, after `delay`.
  void start(Millis delay = Millis{0});
  void stop();
  bool is_stopped() const;
  void pause() { is_paused_ = true; }
  /// Ends a pause or a drain, and closes the breaker, as reconnect does.
  void resume();
  /// As stop, until resumed; what is in flight gets the response timeout.
  void drain();
  bool is_drained() const { return is_draining_; }
  void reconnect();
  /// A link went up or down.
  void on_change();
  void trace(Tracer tracer);
  /// What a link reports of a PDU, while the carrier is traced.
  void on_seen(const TracedPdu& pdu);

  /// A claim under way holds room, so that the store's latency can't overbook the binds.
  void reserve();
  void release() { --reserved_; }
  CarrierHealth health() const;
  /// Gives a claimed message to the bind with the most room. False: none is bound.
  bool submit(Outgoing outgoing);
  void withdraw(const OtpId& otp, std::size_t first_kept);
  bool awaits_response(std::span<const std::string> numbers) const;

  /// How a submit ended, for the breaker. What says nothing of the carrier is not told.
  void worked();
  void failed();

  /// Why it takes no message, in words.
  std::string trouble() const;
  const CarrierSettingsRef& settings() const { return settings_; }
  bool is_bound() const;
  CarrierView view() const;

 private:
  /// Of those that it may have.
  std::uint32_t binds_elsewhere() const;
  void share_rate();

  Loop& loop_;
  CarrierSettingsRef settings_;
  const bool is_for_this_node_;  ///< It is among the nodes that may bind.
  TokenBucket account_;          ///< Of all binds together; before them, which take from it.
  Breaker breaker_;
  std::vector<std::unique_ptr<BindSlot>> slots_;
  std::vector<std::shared_ptr<SmscLink>> links_;  ///< Of all slots. Shared with nobody else for longer than a call.
  bool is_paused_ = false;
  bool is_draining_ = false;
  std::size_t reserved_ = 0;
  TraceTap trace_tap_;
};

}  // namespace xion
