#pragma once
#include <cstdint>
#include <expected>
#include <string_view>

#include "smpp/pdu.h"

namespace xion::smpp {

enum class DecodeError {
  shorter_than_header,  ///< less than 16 octets
  length_mismatch,      ///< command_length is not the number of octets given
  unterminated_string,  ///< a request's C-Octet String has no NUL before the PDU ends
  body_too_short,       ///< a request ends before the field without which it has no meaning
};
std::string_view decode_error_text(DecodeError error);

struct Header {
  std::uint32_t command_length = 0;
  std::uint32_t command_id = 0;
  std::uint32_t command_status = 0;
  std::uint32_t sequence_number = 0;
  bool operator==(const Header&) const = default;
};

/// Reads the 16 octets that begin every PDU.
/// Errors: `shorter_than_header`.
std::expected<Header, DecodeError> decode_header(std::string_view octets);

/// Reads one whole PDU, never past its end, and leniently: any status, command, TON, NPI and TLV is a value; fields
/// missing at the end are empty; a TLV or short_message that promises more than there is sets `truncated`; a response
/// may be a bare header, or have a body or TLVs whatever its status.
/// Errors: all four; a response gives only the first two.
std::expected<Pdu, DecodeError> decode(std::string_view whole_pdu);

}  // namespace xion::smpp
