#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "smpp/framer.h"
#include "smpp/pdu.h"

namespace xion {

/// One PDU of a carrier's bind, as those see it who trace the carrier.
struct TracedPdu {
  std::uint32_t bind = 0;  ///< From 1, as in the log.
  bool is_sent = false;    ///< By us.
  std::optional<smpp::Pdu> pdu;
  std::string_view malformed;  ///< Why there is no `pdu`.
};
/// False: whoever it was for has gone, and it is called no more.
using Tracer = std::move_only_function<bool(const TracedPdu&)>;

/// Those who trace one carrier. Loop thread only.
class TraceTap {
 public:
  void add(Tracer tracer);
  bool is_on() const { return !tracers_.empty(); }
  void show(const TracedPdu& pdu);

 private:
  std::vector<Tracer> tracers_;
};

/// Reads the octets of one connection once more for a trace, which may begin in the middle of a PDU: it shows whole
/// ones only. While no trace is on it counts lengths and nothing else.
class TraceReader {
 public:
  using Show = std::function<void(const TracedPdu&)>;
  explicit TraceReader(std::uint32_t bind) : bind_(bind) {}
  /// A new connection begins.
  void reset();
  void set_on(bool is_on) { is_on_ = is_on; }
  void received(std::string_view octets, const Show& show);
  /// Whole PDUs, as a session hands them over.
  void sent(std::string_view octets, const Show& show) const;

 private:
  void count(std::string_view octets);
  void show_frames(smpp::Framer& framer, bool is_sent, const Show& show) const;

  std::uint32_t bind_;
  bool is_on_ = false;
  bool is_reading_ = false;  ///< `framer_` holds what came since a PDU's beginning.
  smpp::Framer framer_;
  std::array<char, 4> length_{};  ///< command_length, as far as it has come.
  std::size_t length_octets_ = 0;
  std::size_t octets_left_ = 0;  ///< Of the PDU that is under way.
};

}  // namespace xion
