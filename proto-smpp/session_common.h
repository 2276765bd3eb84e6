#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "smpp/window.h"

namespace xion::smpp {

enum class SessionState { closed, binding, bound, unbinding };
std::string_view session_state_text(SessionState state);

/// Why a connection ends. The text is what a log line shows.
enum class CloseReason {
  bind_unsendable,  ///< a system_id, system_type or address_range over the spec's length
  bind_refused,
  bind_timeout,
  enquire_link_unanswered,
  peer_unbind,     ///< the peer unbound, and was answered
  unbound,         ///< we unbound, and were answered
  unbind_timeout,  ///< we unbound, and were not answered
  framing_error,   ///< a command_length below 16 or above 64 KiB
  peer_closed,     ///< never asked for by a session: for the caller that saw the transport end
};
std::string_view close_reason_text(CloseReason reason);

/// Why the outcome of a request stays unknown.
enum class LossReason { response_timeout, link_closed, peer_unbind };
std::string_view loss_reason_text(LossReason reason);
/// What a request in flight suffers from such an end.
LossReason loss_of(CloseReason reason);

// What a session asks of its caller, in the order in which it is to be done.

/// Write these octets; several PDUs may be joined.
struct Send {
  std::string octets;
};
/// End the connection once everything before is written. The session is closed already: `on_close` changes nothing.
struct Close {
  CloseReason reason;
};
/// A PDU that went by, as one line of text without secrets. Only where the settings ask for it.
struct Seen {
  bool sent;
  std::string line;
};

/// What went by that should not have, since the session was made.
struct SessionCounters {
  std::uint64_t unknown_commands = 0;
  std::uint64_t nacks_without_sequence = 0;
  std::uint64_t malformed_pdus = 0;
  std::uint64_t truncated_pdus = 0;
  std::uint64_t unmatched_responses = 0;
  std::uint64_t late_responses = 0;
  std::uint64_t ignored_notifications = 0;
  std::uint64_t ids_too_long = 0;  ///< message_id of a response above `message_id_limit`: not kept.
  SessionCounters& operator+=(const SessionCounters& more);
  bool operator==(const SessionCounters&) const = default;
};

}  // namespace xion::smpp
