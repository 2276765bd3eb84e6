#include "smpp/status_meaning.h"

#include <algorithm>

#include "smpp/command.h"

namespace xion::smpp {
namespace {

struct StatusRow {
  std::uint32_t status;
  std::string_view meaning;
};
/// SMPP 3.4 §5.1.3.
constexpr StatusRow status_rows[] = {
    {0x01, "the message's length is wrong"},
    {0x02, "the PDU's length is wrong"},
    {0x03, "the carrier does not know the command"},
    {0x04, "the carrier says that we are not bound for this"},
    {0x05, "the account is bound already"},
    {0x06, "the priority flag is wrong"},
    {0x07, "registered_delivery is wrong"},
    {0x08, "the carrier has trouble of its own"},
    {0x0A, "the carrier does not take this sender"},
    {0x0B, "the carrier does not take this phone number"},
    {0x0C, "the message id is unknown"},
    {0x0D, "the bind failed"},
    {0x0E, "the password is wrong"},
    {0x0F, "the system_id is wrong"},
    {0x14, "the carrier's queue is full"},
    {0x15, "the service_type is wrong"},
    {0x43, "esm_class is wrong"},
    {0x45, "the carrier could not submit the message"},
    {0x48, "the sender's type of number is wrong"},
    {0x49, "the sender's numbering plan is wrong"},
    {0x50, "the phone's type of number is wrong"},
    {0x51, "the phone's numbering plan is wrong"},
    {0x53, "the system_type is wrong"},
    {0x54, "replace_if_present_flag is wrong"},
    {0x58, "we send faster than the carrier allows"},
    {0x61, "the delivery time is wrong"},
    {0x62, "the validity period is wrong"},
    {0x64, "the carrier has trouble of its own, for now"},
    {0x65, "the receiving application is in permanent trouble"},
    {0x66, "the receiving application rejects the message"},
    {0xC0, "the optional part of the PDU is wrong"},
    {0xC1, "a TLV is not allowed"},
    {0xC2, "a TLV's length is wrong"},
    {0xC3, "a TLV is missing"},
    {0xC4, "a TLV's value is wrong"},
    {0xFE, "the delivery failed"},
    {0xFF, "an error that the carrier does not name"},
};

struct ErrorRow {
  std::string_view err;  ///< Without leading zeros.
  std::string_view meaning;
};
constexpr ErrorRow error_rows[] = {
    {"1", "the number is not in use (unknown subscriber)"},
    {"5", "the network does not know the subscriber (unidentified)"},
    {"6", "the phone is switched off or out of reach (absent subscriber)"},
    {"9", "the subscriber is not allowed (illegal subscriber)"},
    {"11", "the subscriber has no SMS (teleservice not provisioned)"},
    {"12", "the phone is not allowed (illegal equipment)"},
    {"13", "messages to the subscriber are barred (call barred)"},
    {"21", "the network can't do it (facility not supported)"},
    {"27", "the phone is switched off or out of reach (absent subscriber)"},
    {"31", "the phone is busy with another message"},
    {"32", "the phone could not take the message, its memory may be full"},
    {"34", "the network failed (system failure)"},
    {"36", "the network got unexpected data"},
};

}  // namespace

std::string_view status_meaning(std::uint32_t status) {
  const auto* row = std::ranges::find(status_rows, status, &StatusRow::status);
  return row == std::end(status_rows) ? std::string_view{} : row->meaning;
}

std::string_view named_status_meaning(std::string_view name) {
  const auto* row = std::ranges::find_if(
      status_rows, [&](const StatusRow& candidate) { return status_name(candidate.status) == name; });
  return row == std::end(status_rows) ? std::string_view{} : row->meaning;
}

std::string_view receipt_error_meaning(std::string_view err) {
  err.remove_prefix(std::min(err.find_first_not_of('0'), err.size()));
  const auto* row = std::ranges::find(error_rows, err, &ErrorRow::err);
  return row == std::end(error_rows) ? std::string_view{} : row->meaning;
}

}  // namespace xion::smpp
