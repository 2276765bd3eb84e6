#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/delivery/trace_tap.h"
#include "base/time.h"
#include "core/carrier_hold.h"
#include "core/route.h"
#include "smpp/session_common.h"

namespace xion {

struct LinkCounters;

/// One bind of a carrier, as `xionctl carrier show` and /metrics show it.
struct BindView {
  std::uint32_t number = 0;  ///< From 1.
  std::string_view type;     ///< transceiver, transmitter or receiver.
  std::string_view state;    ///< down, connecting, binding, bound
  std::string address;
  std::uint32_t window = 0;
  std::uint32_t in_flight = 0;
  double rate_allowed = 0;
  smpp::SessionCounters amiss;  ///< What the carrier said that it should not have, since start.
  std::string last_error;
  std::optional<Millis> next_retry_in;
  const LinkCounters* counters = nullptr;  ///< Until the loop turns.
};

/// A carrier as `xionctl carrier list` and /metrics show it.
struct CarrierView {
  std::string name;
  std::string state;        ///< down, connecting, binding, bound, paused, draining
  std::uint32_t binds = 0;  ///< Bound now.
  std::uint32_t binds_wanted = 0;
  std::uint32_t window = 0;  ///< Of all binds together.
  std::uint32_t in_flight = 0;
  double rate = 0;          ///< PDUs a second that the configuration allows, all binds; 0: no limit.
  double rate_allowed = 0;  ///< After throttling.
  BreakerState breaker = BreakerState::closed;
  std::string address;
  std::string receipt_id = "auto";  ///< same, hex or decimal where configured or learnt.
  std::string last_error;           ///< Empty: none since start.
  std::optional<Millis> next_retry_in;
  std::optional<double> rtt_p50_ms, rtt_p95_ms;
  std::uint64_t submitted = 0, accepted = 0, refused = 0, throttled = 0, lost = 0, receipts = 0, reconnects = 0;
  std::vector<BindView> each_bind;
  std::optional<CarrierHold> hold{};  ///< Where an operator keeps messages from it.
};

/// What the control socket and the HTTP API see of the carriers and the queue. Loop thread only.
class Carriers {
 public:
  virtual ~Carriers() = default;
  virtual std::vector<CarrierView> view() const = 0;
  /// False: no such carrier. A paused carrier keeps its binds and takes no submits.
  virtual bool pause(std::string_view name) = 0;
  virtual bool resume(std::string_view name) = 0;
  virtual bool reconnect(std::string_view name) = 0;
  /// Shows `tracer` every PDU of a carrier's binds from now on. False: no such carrier.
  virtual bool trace(std::string_view name, Tracer tracer) = 0;
  /// Takes no more submits, finishes what is in flight, unbinds, and stays down until resumed.
  virtual bool drain(std::string_view name) = 0;
  /// Pauses or drains a carrier for as long as is wanted, restarts or not. Told when that is durable; false: the store
  /// couldn't keep it, so that it holds until the next start.
  using HoldDone = std::function<void(bool is_kept)>;
  virtual void hold(CarrierHold wanted, HoldDone done) = 0;
  /// Ends it, as `resume` does.
  virtual void release(std::string_view name, HoldDone done) = 0;
  /// The decision for a query at this moment: the code that decides also explains.
  virtual RouteExplanation explain(const RouteQuery& query) const = 0;
  /// Here or, where others share the store, at another node.
  virtual bool has_bound_carrier() const = 0;
  virtual std::size_t queue_size() const = 0;
  /// When the message that has waited longest for a carrier was queued; nothing: none waits.
  virtual std::optional<WallTime> waiting_since() const = 0;
  /// Whether operators have paused or drained all that there are: nothing leaves until one is resumed.
  virtual bool is_all_paused() const = 0;
  virtual bool is_overloaded() const = 0;  ///< Queue at its bound: the API answers 503.
};

}  // namespace xion
