#include "smpp/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace xion::smpp {
namespace {

using NamedCode = std::pair<std::uint32_t, std::string_view>;

constexpr NamedCode command_names[] = {
    {0x00000001, "bind_receiver"},
    {0x80000001, "bind_receiver_resp"},
    {0x00000002, "bind_transmitter"},
    {0x80000002, "bind_transmitter_resp"},
    {0x00000003, "query_sm"},
    {0x80000003, "query_sm_resp"},
    {0x00000004, "submit_sm"},
    {0x80000004, "submit_sm_resp"},
    {0x00000005, "deliver_sm"},
    {0x80000005, "deliver_sm_resp"},
    {0x00000006, "unbind"},
    {0x80000006, "unbind_resp"},
    {0x00000007, "replace_sm"},
    {0x80000007, "replace_sm_resp"},
    {0x00000008, "cancel_sm"},
    {0x80000008, "cancel_sm_resp"},
    {0x00000009, "bind_transceiver"},
    {0x80000009, "bind_transceiver_resp"},
    {0x0000000B, "outbind"},
    {0x00000015, "enquire_link"},
    {0x80000015, "enquire_link_resp"},
    {0x00000021, "submit_multi"},
    {0x80000021, "submit_multi_resp"},
    {0x00000102, "alert_notification"},
    {0x00000103, "data_sm"},
    {0x80000103, "data_sm_resp"},
    {0x80000000, "generic_nack"},
};

constexpr NamedCode status_names[] = {
    {status::ok, "ESME_ROK"},
    {status::rinvmsglen, "ESME_RINVMSGLEN"},
    {status::rinvcmdlen, "ESME_RINVCMDLEN"},
    {status::rinvcmdid, "ESME_RINVCMDID"},
    {status::rinvbndsts, "ESME_RINVBNDSTS"},
    {status::ralybnd, "ESME_RALYBND"},
    {status::rinvprtflg, "ESME_RINVPRTFLG"},
    {status::rinvregdlvflg, "ESME_RINVREGDLVFLG"},
    {status::rsyserr, "ESME_RSYSERR"},
    {status::rinvsrcadr, "ESME_RINVSRCADR"},
    {status::rinvdstadr, "ESME_RINVDSTADR"},
    {status::rinvmsgid, "ESME_RINVMSGID"},
    {status::rbindfail, "ESME_RBINDFAIL"},
    {status::rinvpaswd, "ESME_RINVPASWD"},
    {status::rinvsysid, "ESME_RINVSYSID"},
    {status::rcancelfail, "ESME_RCANCELFAIL"},
    {status::rreplacefail, "ESME_RREPLACEFAIL"},
    {status::rmsgqful, "ESME_RMSGQFUL"},
    {status::rinvsertyp, "ESME_RINVSERTYP"},
    {status::rinvnumdests, "ESME_RINVNUMDESTS"},
    {status::rinvdlname, "ESME_RINVDLNAME"},
    {status::rinvdestflag, "ESME_RINVDESTFLAG"},
    {status::rinvsubrep, "ESME_RINVSUBREP"},
    {status::rinvesmclass, "ESME_RINVESMCLASS"},
    {status::rcntsubdl, "ESME_RCNTSUBDL"},
    {status::rsubmitfail, "ESME_RSUBMITFAIL"},
    {status::rinvsrcton, "ESME_RINVSRCTON"},
    {status::rinvsrcnpi, "ESME_RINVSRCNPI"},
    {status::rinvdstton, "ESME_RINVDSTTON"},
    {status::rinvdstnpi, "ESME_RINVDSTNPI"},
    {status::rinvsystyp, "ESME_RINVSYSTYP"},
    {status::rinvrepflag, "ESME_RINVREPFLAG"},
    {status::rinvnummsgs, "ESME_RINVNUMMSGS"},
    {status::rthrottled, "ESME_RTHROTTLED"},
    {status::rinvsched, "ESME_RINVSCHED"},
    {status::rinvexpiry, "ESME_RINVEXPIRY"},
    {status::rinvdftmsgid, "ESME_RINVDFTMSGID"},
    {status::rx_t_appn, "ESME_RX_T_APPN"},
    {status::rx_p_appn, "ESME_RX_P_APPN"},
    {status::rx_r_appn, "ESME_RX_R_APPN"},
    {status::rqueryfail, "ESME_RQUERYFAIL"},
    {status::rinvoptparstream, "ESME_RINVOPTPARSTREAM"},
    {status::roptparnotallwd, "ESME_ROPTPARNOTALLWD"},
    {status::rinvparlen, "ESME_RINVPARLEN"},
    {status::rmissingoptparam, "ESME_RMISSINGOPTPARAM"},
    {status::rinvoptparamval, "ESME_RINVOPTPARAMVAL"},
    {status::rdeliveryfailure, "ESME_RDELIVERYFAILURE"},
    {status::runknownerr, "ESME_RUNKNOWNERR"},
};

template <std::size_t Size>
std::string name_of(const NamedCode (&rows)[Size], std::uint32_t value) {
  const auto* row = std::ranges::find(rows, value, &NamedCode::first);
  return row == std::end(rows) ? fmt::format("0x{:08X}", value) : std::string(row->second);
}

}  // namespace

std::string command_name(std::uint32_t command_id) { return name_of(command_names, command_id); }
std::string status_name(std::uint32_t command_status) { return name_of(status_names, command_status); }

}  // namespace xion::smpp
