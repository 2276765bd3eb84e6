#include "core/otp/disposition.h"

#include "smpp/command.h"

namespace xion {
namespace {

namespace status = smpp::status;

struct StatusRow {
  std::uint32_t first, last;
  Disposition disposition;
};

/// Statuses with a meaning of their own. What is not here (vendor statuses, and those that answer no submit_sm) says
/// only that this carrier doesn't take this message now: elsewhere.
constexpr StatusRow status_rows[] = {
    {status::rinvmsglen, status::rinvcmdid, Disposition::our_mistake},
    {status::rinvbndsts, status::rinvbndsts,
     Disposition::session_broken},  // it thinks that we are not bound: bind anew
    {status::rinvprtflg, status::rinvregdlvflg, Disposition::our_mistake},
    {status::rsyserr, status::rsyserr, Disposition::elsewhere},
    {status::rinvsrcadr, status::rinvdstadr, Disposition::refused_number},
    {status::rmsgqful, status::rmsgqful, Disposition::queue_full},
    {status::rinvsertyp, status::rinvsertyp, Disposition::refused_number},  // service_type goes with the sender
    {status::rinvesmclass, status::rinvesmclass, Disposition::our_mistake},
    {status::rsubmitfail, status::rsubmitfail, Disposition::elsewhere},
    {status::rinvsrcton, status::rinvdstnpi, Disposition::refused_number},
    {status::rinvrepflag, status::rinvrepflag, Disposition::our_mistake},
    {status::rthrottled, status::rthrottled, Disposition::slow_down},
    {status::rinvsched, status::rinvdftmsgid, Disposition::our_mistake},
    {status::rx_t_appn, status::rx_t_appn, Disposition::elsewhere},  // "temporary", for us: too long
    {status::rx_p_appn, status::rx_r_appn, Disposition::refused_number},
    {status::rinvoptparstream, status::rinvoptparamval, Disposition::our_mistake},
    {status::rdeliveryfailure, status::runknownerr, Disposition::elsewhere},
};

}  // namespace

Disposition disposition_of(std::uint32_t command_status, const std::map<std::uint32_t, Disposition>& overrides) {
  // No carrier can make "accepted" mean anything else: the message would be sent twice.
  if (command_status == status::ok) return Disposition::accepted;
  if (const auto own = overrides.find(command_status); own != overrides.end()) return own->second;
  for (const auto& row : status_rows) {
    if (command_status >= row.first && command_status <= row.last) return row.disposition;
  }
  return Disposition::elsewhere;
}

std::string_view to_string(Disposition disposition) {
  switch (disposition) {
    case Disposition::accepted: return "accepted";
    case Disposition::slow_down: return "slow_down";
    case Disposition::queue_full: return "queue_full";
    case Disposition::elsewhere: return "elsewhere";
    case Disposition::session_broken: return "session_broken";
    case Disposition::refused_number: return "refused_number";
    case Disposition::our_mistake: return "our_mistake";
  }
  return "";
}

BindDisposition bind_disposition_of(std::uint32_t command_status) {
  switch (command_status) {
    // Trying these again and again gets an account blocked; a person has to correct something first.
    case status::rinvpaswd:
    case status::rinvsysid:
    case status::rinvsystyp: return BindDisposition::slow_retry_and_alarm;
  }
  return BindDisposition::back_off;
}

}  // namespace xion
