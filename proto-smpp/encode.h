#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "smpp/pdu.h"

namespace xion::smpp {

enum class EncodeError {
  string_too_long,         ///< a C-Octet String over its limit in the spec
  embedded_nul,            ///< a C-Octet String that contains NUL would end there for the reader
  short_message_too_long,  ///< more than 255 octets
  tlv_too_long,            ///< a TLV of more than 65,535 octets
  pdu_too_long,            ///< more than 64 KiB
  refused_by_library,      ///< libsmpp34 would not pack it; a defect of ours
};
std::string_view encode_error_text(EncodeError error);

/// Packs one PDU. One thread only: libsmpp34 keeps a global text buffer, which is wiped before this returns.
/// A response with an error status and nothing in its body is a bare header, as §4.4.2 asks.
/// Errors: as listed; nothing is ever cut to fit.
std::expected<std::string, EncodeError> encode(const Pdu& pdu);

/// The same, behind what `out` already holds; `out` is unchanged by an error.
std::expected<void, EncodeError> encode_to(std::string& out, const Pdu& pdu);

}  // namespace xion::smpp
