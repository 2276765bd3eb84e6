#pragma once
#include <cstdint>
#include <string>

namespace xion::smpp {

/// The commands of SMPP 3.4 §5.1.2.1. A value outside this list is possible: carriers send their own, and it is kept.
enum class CommandId : std::uint32_t {
  generic_nack = 0x80000000,
  bind_receiver = 0x00000001,
  bind_receiver_resp = 0x80000001,
  bind_transmitter = 0x00000002,
  bind_transmitter_resp = 0x80000002,
  query_sm = 0x00000003,
  query_sm_resp = 0x80000003,
  submit_sm = 0x00000004,
  submit_sm_resp = 0x80000004,
  deliver_sm = 0x00000005,
  deliver_sm_resp = 0x80000005,
  unbind = 0x00000006,
  unbind_resp = 0x80000006,
  replace_sm = 0x00000007,
  replace_sm_resp = 0x80000007,
  cancel_sm = 0x00000008,
  cancel_sm_resp = 0x80000008,
  bind_transceiver = 0x00000009,
  bind_transceiver_resp = 0x80000009,
  outbind = 0x0000000B,
  enquire_link = 0x00000015,
  enquire_link_resp = 0x80000015,
  submit_multi = 0x00000021,
  submit_multi_resp = 0x80000021,
  alert_notification = 0x00000102,
  data_sm = 0x00000103,
  data_sm_resp = 0x80000103,
};

/// Set in the command_id of every response.
inline constexpr std::uint32_t response_bit = 0x80000000;

/// The spec's spelling, `submit_sm`; `0x00010201` where the spec has none.
std::string command_name(std::uint32_t command_id);
inline std::string command_name(CommandId id) { return command_name(static_cast<std::uint32_t>(id)); }

/// command_status, SMPP 3.4 §5.1.3. Plain numbers, because carriers invent their own.
namespace status {
inline constexpr std::uint32_t ok = 0x00;
inline constexpr std::uint32_t rinvmsglen = 0x01;
inline constexpr std::uint32_t rinvcmdlen = 0x02;
inline constexpr std::uint32_t rinvcmdid = 0x03;
inline constexpr std::uint32_t rinvbndsts = 0x04;
inline constexpr std::uint32_t ralybnd = 0x05;
inline constexpr std::uint32_t rinvprtflg = 0x06;
inline constexpr std::uint32_t rinvregdlvflg = 0x07;
inline constexpr std::uint32_t rsyserr = 0x08;
inline constexpr std::uint32_t rinvsrcadr = 0x0A;
inline constexpr std::uint32_t rinvdstadr = 0x0B;
inline constexpr std::uint32_t rinvmsgid = 0x0C;
inline constexpr std::uint32_t rbindfail = 0x0D;
inline constexpr std::uint32_t rinvpaswd = 0x0E;
inline constexpr std::uint32_t rinvsysid = 0x0F;
inline constexpr std::uint32_t rcancelfail = 0x11;
inline constexpr std::uint32_t rreplacefail = 0x13;
inline constexpr std::uint32_t rmsgqful = 0x14;
inline constexpr std::uint32_t rinvsertyp = 0x15;
inline constexpr std::uint32_t rinvnumdests = 0x33;
inline constexpr std::uint32_t rinvdlname = 0x34;
inline constexpr std::uint32_t rinvdestflag = 0x40;
inline constexpr std::uint32_t rinvsubrep = 0x42;
inline constexpr std::uint32_t rinvesmclass = 0x43;
inline constexpr std::uint32_t rcntsubdl = 0x44;
inline constexpr std::uint32_t rsubmitfail = 0x45;
inline constexpr std::uint32_t rinvsrcton = 0x48;
inline constexpr std::uint32_t rinvsrcnpi = 0x49;
inline constexpr std::uint32_t rinvdstton = 0x50;
inline constexpr std::uint32_t rinvdstnpi = 0x51;
inline constexpr std::uint32_t rinvsystyp = 0x53;
inline constexpr std::uint32_t rinvrepflag = 0x54;
inline constexpr std::uint32_t rinvnummsgs = 0x55;
inline constexpr std::uint32_t rthrottled = 0x58;
inline constexpr std::uint32_t rinvsched = 0x61;
inline constexpr std::uint32_t rinvexpiry = 0x62;
inline constexpr std::uint32_t rinvdftmsgid = 0x63;
inline constexpr std::uint32_t rx_t_appn = 0x64;
inline constexpr std::uint32_t rx_p_appn = 0x65;
inline constexpr std::uint32_t rx_r_appn = 0x66;
inline constexpr std::uint32_t rqueryfail = 0x67;
inline constexpr std::uint32_t rinvoptparstream = 0xC0;
inline constexpr std::uint32_t roptparnotallwd = 0xC1;
inline constexpr std::uint32_t rinvparlen = 0xC2;
inline constexpr std::uint32_t rmissingoptparam = 0xC3;
inline constexpr std::uint32_t rinvoptparamval = 0xC4;
inline constexpr std::uint32_t rdeliveryfailure = 0xFE;
inline constexpr std::uint32_t runknownerr = 0xFF;
}  // namespace status

/// `ESME_RTHROTTLED`; `0x0000055F` where the spec has no name.
std::string status_name(std::uint32_t command_status);

}  // namespace xion::smpp
