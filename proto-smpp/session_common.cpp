#include "smpp/session_common.h"

namespace xion::smpp {

std::string_view session_state_text(SessionState state) {
  switch (state) {
    case SessionState::closed: return "closed";
    case SessionState::binding: return "binding";
    case SessionState::bound: return "bound";
    case SessionState::unbinding: return "unbinding";
  }
  return "";
}

std::string_view close_reason_text(CloseReason reason) {
  switch (reason) {
    case CloseReason::bind_unsendable: return "bind_unsendable";
    case CloseReason::bind_refused: return "bind_refused";
    case CloseReason::bind_timeout: return "bind_timeout";
    case CloseReason::enquire_link_unanswered: return "enquire_link_unanswered";
    case CloseReason::peer_unbind: return "peer_unbind";
    case CloseReason::unbound: return "unbound";
    case CloseReason::unbind_timeout: return "unbind_timeout";
    case CloseReason::framing_error: return "framing_error";
    case CloseReason::peer_closed: return "peer_closed";
  }
  return "";
}

std::string_view loss_reason_text(LossReason reason) {
  switch (reason) {
    case LossReason::response_timeout: return "response_timeout";
    case LossReason::link_closed: return "link_closed";
    case LossReason::peer_unbind: return "peer_unbind";
  }
  return "";
}

SessionCounters& SessionCounters::operator+=(const SessionCounters& more) {
  unknown_commands += more.unknown_commands;
  nacks_without_sequence += more.nacks_without_sequence;
  malformed_pdus += more.malformed_pdus;
  truncated_pdus += more.truncated_pdus;
  unmatched_responses += more.unmatched_responses;
  late_responses += more.late_responses;
  ignored_notifications += more.ignored_notifications;
  ids_too_long += more.ids_too_long;
  return *this;
}

LossReason loss_of(CloseReason reason) {
  return reason == CloseReason::peer_unbind ? LossReason::peer_unbind : LossReason::link_closed;
}

}  // namespace xion::smpp
