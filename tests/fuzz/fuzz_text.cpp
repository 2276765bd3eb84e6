// Any text comes back whole from its parts, no part is over its limit, and any octets read as well-formed UTF-8.
#include <algorithm>
#include <string>

#include "base/utf8.h"
#include "fuzz_input.h"
#include "smpp/gsm.h"
#include "smpp/text.h"
#include "smpp/validity.h"

using namespace xion;
using namespace xion::smpp;

namespace {

/// The input with U+FFFD for every octet that is not UTF-8.
std::string well_formed(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = utf8_sequence_length(text);
    if (length == 0) {
      append_utf8(out, U'\uFFFD');
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string shown(const EncodedText& encoded) {
  std::string out;
  for (const Segment& segment : encoded.segments) {
    const Tlv* payload = find_tlv(segment.tlvs, tag::message_payload);
    std::string_view octets = payload != nullptr ? payload->value : segment.short_message;
    octets.remove_prefix(segment.udh_octets);
    if (encoded.alphabet == Alphabet::gsm7packed) {
      gsm::append_as_utf8(out, gsm::unpacked(octets, gsm::fill_bits_after(segment.udh_octets)));
    } else {
      out += decode_text(octets, encoded.data_coding, encoded.alphabet);
    }
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Input input(data, size);
  const auto alphabet = static_cast<Alphabet>(input.octet() % 5);
  const auto concat = static_cast<Concat>(input.octet() % 4);
  const std::uint8_t data_coding = input.octet();
  const bool transliterate = (input.octet() & 1) != 0;
  const std::string text(input.rest());

  const std::string read = decode_text(text, data_coding, alphabet);
  XION_ASSERT(from_utf8(read).has_value());
  (void)parse_time(text, WallTime{});

  std::string wanted = well_formed(text);
  // A CR that ends a packed part is taken for fill by every reader.
  if (alphabet == Alphabet::gsm7packed) std::erase(wanted, '\r');
  const auto encoded = encode_text(wanted, alphabet, concat, 0xABCD, false);
  const bool is_packed = encoded.alphabet == Alphabet::gsm7packed || encoded.alphabet == Alphabet::ucs2;
  for (const Segment& segment : encoded.segments) {
    XION_ASSERT(segment.short_message.size() <= (is_packed ? 140U : 160U));
    XION_ASSERT(segment.udh_octets <= segment.short_message.size());
  }
  XION_ASSERT(encoded.segments.size() <= 255);
  if (!encoded.segments.empty()) XION_ASSERT(shown(encoded) == wanted);
  const auto shorter = encode_text(text, alphabet, concat, 0xABCD, transliterate);
  XION_ASSERT(!transliterate || encoded.segments.empty() || shorter.data_coding <= encoded.data_coding);
  return 0;
}
