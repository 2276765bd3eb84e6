#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smpp/tlv.h"

namespace xion::smpp {

/// What a carrier understands by data_coding 0, and UCS-2, which is data_coding 8 everywhere.
enum class Alphabet {
  gsm7,        ///< GSM 03.38, one septet in each octet
  gsm7packed,  ///< GSM 03.38, eight septets in seven octets
  latin1,
  ascii,
  ucs2,  ///< UTF-16BE
};

/// How the parts of a long text find each other.
enum class Concat {
  udh8,     ///< user data header with an 8-bit reference
  udh16,    ///< user data header with a 16-bit reference
  sar,      ///< sar_msg_ref_num, sar_total_segments, sar_segment_seqnum
  payload,  ///< one PDU, the text in message_payload
};

namespace coding {
inline constexpr std::uint8_t carrier_default = 0;
inline constexpr std::uint8_t ascii = 1;
inline constexpr std::uint8_t latin1 = 3;
inline constexpr std::uint8_t ucs2 = 8;
}  // namespace coding

/// esm_class of a short_message that begins with a user data header. SMPP 3.4 §5.2.12.
inline constexpr std::uint8_t esm_class_udhi = 0x40;

/// What one submit_sm carries.
struct Segment {
  std::string short_message{};
  /// Octets of the user data header at the front, its length octet included; 0: none. Otherwise set `esm_class_udhi`.
  std::uint8_t udh_octets = 0;
  std::vector<Tlv> tlvs{};
};

struct EncodedText {
  std::uint8_t data_coding = 0;
  Alphabet alphabet = Alphabet::gsm7;
  std::vector<Segment> segments{};
};

/// Writes a text for a carrier: in its default alphabet where every character is in it, otherwise in UCS-2. No part
/// splits an escape sequence or a surrogate pair. Ill-formed UTF-8 becomes U+FFFD.
/// Limits: 160 characters, 153 a part (152 with a 16-bit reference or SAR); UCS-2 70, 67 (66). A text of more than 255
/// parts has no segments. `transliterate` replaces typographic punctuation where that avoids UCS-2.
EncodedText encode_text(std::string_view utf8, Alphabet default_alphabet, Concat concat, std::uint16_t reference,
                        bool transliterate);

/// Reads text off the wire, without its user data header. Octets with no meaning become U+FFFD.
std::string decode_text(std::string_view octets, std::uint8_t data_coding, Alphabet default_alphabet);

/// Typographic punctuation (quotes, dashes, spaces, the ellipsis) as ASCII; everything else as it is.
std::u32string transliterated(std::u32string_view text);

}  // namespace xion::smpp
