#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"
#include "smpp/decode.h"
#include "smpp/framer.h"
#include "smpp/pdu.h"
#include "smpp/sequence.h"
#include "smpp/session_common.h"
#include "smpp/window.h"

namespace xion::smpp {

struct LinkSettings {
  std::size_t window;
  Millis enquire_link_idle;  ///< 0 ms: never ask
  Millis enquire_link_timeout;
  Millis bind_timeout;
  Millis response_timeout;
  Millis unbind_timeout;
  bool answers_enquire_link;
  bool trace;
};

/// The part of a session that is the same for both roles: framing, life signs, time limits, numbering, the window, and
/// the answers that need no decision. What it wants to say gathers in `outgoing()`; the role turns that into actions.
class Link {
 public:
  explicit Link(const LinkSettings& settings);

  void open(MonoTime now);
  void become_bound(MonoTime now);
  void become_closed();

  /// Gives `on_pdu` each PDU that is for the role to judge, until the session closes or the read is used up. Malformed
  /// ones are answered here, as are life signs and unbinds. A value means that the connection has to end.
  template <typename OnPdu>
  std::optional<CloseReason> read(std::string_view octets, MonoTime now, OnPdu on_pdu);

  /// Packs one PDU; false where it cannot be packed.
  bool send(const Pdu& pdu);
  void send_raw(std::string_view octets) { outgoing_.append(octets); }
  /// Registers a request in the window and packs it; false where it cannot be packed (nothing is registered then).
  bool send_request(Token token, Body body, MonoTime now);
  /// Packs a request outside the window and gives its sequence number.
  std::optional<std::uint32_t> send_control(Body body);
  void send_enquire_link(MonoTime now);
  /// Ends the bound state; a peer that does not answer in time is left.
  void send_unbind(MonoTime now);
  /// Answers what this role does not know: generic_nack for a request, silence for the rest.
  void refuse_unknown(const Pdu& pdu);

  /// Looks at every time limit of the link itself. A value means that the connection has to end.
  std::optional<CloseReason> tick(MonoTime now);
  std::optional<Window::Entry> take_expired(MonoTime now);
  std::optional<MonoTime> next_deadline() const;

  /// From now on every PDU is reported as `Seen`, or none.
  void set_trace(bool is_on) { settings_.trace = is_on; }
  SessionState state() const { return state_; }
  Window& window() { return window_; }
  const Window& window() const { return window_; }
  LateTable& late() { return late_; }
  SessionCounters& counters() { return counters_; }
  const SessionCounters& counters() const { return counters_; }

  /// Moves what is to be said into `out`: the trace lines, then the octets, joined to a `Send` that is last already.
  template <typename Actions>
  void flush_to(Actions& out);

 private:
  /// The next PDU for the role; nothing once the read is used up. Errors: why the connection has to end.
  std::expected<std::optional<Pdu>, CloseReason> next(MonoTime now);
  /// Deals with what needs no decision of the role; true where that was all.
  std::expected<bool, CloseReason> handle(const Pdu& pdu);
  std::expected<bool, CloseReason> handle_nack(const Pdu& pdu);
  void refuse_malformed(std::string_view octets, DecodeError error);
  std::uint32_t next_sequence();
  void note(bool is_sent, const Pdu& pdu);

  LinkSettings settings_;
  SessionState state_ = SessionState::closed;
  Framer framer_;
  Sequence sequence_;
  Window window_;
  LateTable late_;
  SessionCounters counters_;
  std::string outgoing_;
  std::vector<Seen> seen_;
  MonoTime last_heard_;
  std::optional<MonoTime> state_deadline_;    ///< of the bind or the unbind
  std::optional<MonoTime> enquire_deadline_;  ///< of the enquire_link that waits
  std::uint32_t enquire_sequence_ = 0;
  std::uint32_t unbind_sequence_ = 0;
};

template <typename OnPdu>
std::optional<CloseReason> Link::read(std::string_view octets, MonoTime now, OnPdu on_pdu) {
  framer_.append(octets);
  while (state_ != SessionState::closed) {
    auto pdu = next(now);
    if (!pdu) return pdu.error();
    if (!*pdu) break;
    on_pdu(**pdu);
  }
  return std::nullopt;
}

template <typename Actions>
void Link::flush_to(Actions& out) {
  for (Seen& seen : seen_) out.emplace_back(std::move(seen));
  seen_.clear();
  if (outgoing_.empty()) return;
  if (!out.empty()) {
    if (auto* last = std::get_if<Send>(&out.back())) {
      last->octets += outgoing_;
      outgoing_.clear();
      return;
    }
  }
  out.emplace_back(Send{std::move(outgoing_)});
  outgoing_.clear();
}

}  // namespace xion::smpp
