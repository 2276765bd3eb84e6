#include "smpp/text.h"

#include <algorithm>

#include "base/utf8.h"
#include "smpp/gsm.h"

namespace xion::smpp {
namespace {

constexpr std::size_t parts_limit = 255;  // the count is one octet

/// What fits into one message, and into one part of several. In septets, or in 16-bit units for UCS-2.
struct Limits {
  std::size_t alone;
  std::size_t part;
};
Limits limits_of(Alphabet alphabet, Concat concat) {
  const bool is_ucs2 = alphabet == Alphabet::ucs2;
  switch (concat) {
    case Concat::udh8: return is_ucs2 ? Limits{70, 67} : Limits{160, 153};
    // Which header the SMSC makes of SAR TLVs is not ours to know, so there is room for the longer one.
    case Concat::udh16:
    case Concat::sar: return is_ucs2 ? Limits{70, 66} : Limits{160, 152};
    case Concat::payload: return is_ucs2 ? Limits{70, parts_limit * 70} : Limits{160, parts_limit * 160};
  }
  return {};
}

/// One character as it is sent: never split.
struct Atom {
  std::uint8_t octets = 0;
  std::uint8_t cost = 0;
};
struct Written {
  std::string octets;
  std::vector<Atom> atoms;
  std::size_t cost = 0;
};

/// One character; false where the alphabet lacks it.
bool write(std::string& out, Atom& atom, char32_t character, Alphabet alphabet) {
  const auto put = [&](char32_t value) { out.push_back(static_cast<char>(value & 0xFF)); };
  const auto put_unit = [&](char32_t unit) {
    put(unit >> 8);
    put(unit);
  };
  switch (alphabet) {
    case Alphabet::gsm7:
    case Alphabet::gsm7packed: {
      const auto septets = gsm::septets_of(character);
      if (!septets) return false;
      put(septets->first);
      if (septets->second) put(*septets->second);
      atom.octets = atom.cost = static_cast<std::uint8_t>(septets->count());
      return true;
    }
    case Alphabet::latin1:
    case Alphabet::ascii: {
      if (character > (alphabet == Alphabet::ascii ? 0x7F : 0xFF)) return false;
      put(character);
      // The SMSC sends septets in the end, so `[` takes the room of two.
      const auto septets = gsm::septets_of(character);
      atom = {1, static_cast<std::uint8_t>(septets ? septets->count() : 1)};
      return true;
    }
    case Alphabet::ucs2:
      if (character < 0x10000) {
        put_unit(character);
        atom = {2, 1};
      } else {
        put_unit(0xD800 + ((character - 0x10000) >> 10));
        put_unit(0xDC00 + ((character - 0x10000) & 0x3FF));
        atom = {4, 2};
      }
      return true;
  }
  return false;
}

std::optional<Written> write_all(std::u32string_view text, Alphabet alphabet) {
  Written written;
  written.atoms.reserve(text.size());
  written.octets.reserve(text.size() * (alphabet == Alphabet::ucs2 ? 2 : 1));
  for (const char32_t character : text) {
    Atom atom;
    if (!write(written.octets, atom, character, alphabet)) return std::nullopt;
    written.atoms.push_back(atom);
    written.cost += atom.cost;
  }
  return written;
}

std::u32string lenient_utf32(std::string_view utf8) {
  std::u32string out;
  out.reserve(utf8.size());
  while (!utf8.empty()) {
    if (static_cast<unsigned char>(utf8.front()) < 0x80) {  // Most of most texts.
      out.push_back(static_cast<char32_t>(utf8.front()));
      utf8.remove_prefix(1);
      continue;
    }
    const std::size_t length = utf8_sequence_length(utf8);
    out.push_back(length == 0 ? U'\uFFFD' : utf8_point(utf8.substr(0, length)));
    utf8.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

/// The octets cut into parts of at most `limit`, by whole characters.
std::vector<std::string_view> split(const Written& written, std::size_t limit) {
  std::vector<std::string_view> parts;
  const std::string_view octets = written.octets;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t cost = 0;
  for (const Atom& atom : written.atoms) {
    if (cost + atom.cost > limit) {
      parts.push_back(octets.substr(begin, end - begin));
      begin = end;
      cost = 0;
    }
    end += atom.octets;
    cost += atom.cost;
  }
  parts.push_back(octets.substr(begin));
  return parts;
}

/// Reference, number of parts, and which part this is.
struct Place {
  std::uint16_t reference;
  std::uint8_t total;
  std::uint8_t number;
};

/// The front of a part: its user data header, or its SAR TLVs.
Segment begin_part(Concat concat, const Place& place) {
  const auto octet = [](unsigned value) { return static_cast<char>(value & 0xFF); };
  Segment segment;
  switch (concat) {
    case Concat::udh8:
      segment.short_message = {0x05, 0x00, 0x03, octet(place.reference), octet(place.total), octet(place.number)};
      break;
    case Concat::udh16:
      segment.short_message = {0x06,
                               0x08,
                               0x04,
                               octet(place.reference >> 8),
                               octet(place.reference),
                               octet(place.total),
                               octet(place.number)};
      break;
    case Concat::sar:
      segment.tlvs = {short_tlv(tag::sar_msg_ref_num, place.reference), octet_tlv(tag::sar_total_segments, place.total),
                      octet_tlv(tag::sar_segment_seqnum, place.number)};
      break;
    case Concat::payload: break;
  }
  segment.udh_octets = static_cast<std::uint8_t>(segment.short_message.size());
  return segment;
}

std::string on_the_wire(std::string_view octets, Alphabet alphabet, std::size_t udh_octets) {
  if (alphabet != Alphabet::gsm7packed) return std::string(octets);
  return gsm::packed(octets, gsm::fill_bits_after(udh_octets));
}

Alphabet alphabet_of(std::uint8_t data_coding, Alphabet default_alphabet) {
  switch (data_coding) {
    case coding::carrier_default: return default_alphabet;
    case coding::ascii: return Alphabet::ascii;
    case 2:  // octets unspecified: shown as they are
    case coding::latin1:
    case 4: return Alphabet::latin1;
    case coding::ucs2: return Alphabet::ucs2;
    default: break;
  }
  // From 16 on carriers pass the data coding scheme of the air interface. 3GPP TS 23.038 §4.
  if (data_coding < 0x10) return Alphabet::ascii;
  const unsigned group = data_coding >> 4;
  const unsigned bits = data_coding >> 2 & 3;
  if (group == 0xE || (group < 4 && bits == 2)) return Alphabet::ucs2;
  if ((group < 4 && bits == 1) || (group == 0xF && (bits & 1) != 0)) return Alphabet::latin1;
  return default_alphabet;
}

bool is_all_ascii(std::string_view octets) {
  return std::ranges::all_of(octets, [](char octet) { return static_cast<unsigned char>(octet) < 0x80; });
}

std::string utf8_of_utf16(std::string_view octets) {
  std::string out;
  const auto unit_at = [&](std::size_t at) {
    return static_cast<char32_t>(static_cast<std::uint8_t>(octets[at]) << 8 |
                                 static_cast<std::uint8_t>(octets[at + 1]));
  };
  std::size_t at = 0;
  while (at + 2 <= octets.size()) {
    const char32_t unit = unit_at(at);
    at += 2;
    const char32_t next = at + 2 <= octets.size() ? unit_at(at) : 0;
    if (unit >= 0xD800 && unit < 0xDC00 && next >= 0xDC00 && next < 0xE000) {
      append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00));
      at += 2;
    } else {
      append_utf8(out, unit);
    }
  }
  if (at < octets.size()) append_utf8(out, U'\uFFFD');
  return out;
}

}  // namespace

EncodedText encode_text(std::string_view utf8, Alphabet default_alphabet, Concat concat, std::uint16_t reference,
                        bool transliterate) {
  const std::u32string text = lenient_utf32(utf8);
  EncodedText encoded{.alphabet = default_alphabet};
  auto written = write_all(text, default_alphabet);
  if (!written && transliterate) written = write_all(transliterated(text), default_alphabet);
  if (!written) {
    encoded.alphabet = Alphabet::ucs2;
    written = write_all(text, Alphabet::ucs2);
  }
  encoded.data_coding = encoded.alphabet == Alphabet::ucs2 ? coding::ucs2 : coding::carrier_default;

  const Limits limits = limits_of(encoded.alphabet, concat);
  if (written->cost <= limits.alone) {
    encoded.segments.push_back({.short_message = on_the_wire(written->octets, encoded.alphabet, 0)});
    return encoded;
  }
  const auto parts = split(*written, limits.part);
  if (parts.size() > parts_limit || (concat == Concat::payload && parts.size() > 1)) return encoded;
  if (concat == Concat::payload) {
    encoded.segments.push_back({.tlvs = {{tag::message_payload, on_the_wire(parts[0], encoded.alphabet, 0)}}});
    return encoded;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Segment segment = begin_part(concat, {.reference = reference,
                                          .total = static_cast<std::uint8_t>(parts.size()),
                                          .number = static_cast<std::uint8_t>(i + 1)});
    segment.short_message += on_the_wire(parts[i], encoded.alphabet, segment.udh_octets);
    encoded.segments.push_back(std::move(segment));
  }
  return encoded;
}

std::string decode_text(std::string_view octets, std::uint8_t data_coding, Alphabet default_alphabet) {
  std::string out;
  const Alphabet alphabet = alphabet_of(data_coding, default_alphabet);
  // Most receipts' texts: as they are.
  if ((alphabet == Alphabet::ascii || alphabet == Alphabet::latin1) && is_all_ascii(octets)) return std::string(octets);
  switch (alphabet) {
    case Alphabet::gsm7: gsm::append_as_utf8(out, octets); break;
    case Alphabet::gsm7packed: gsm::append_as_utf8(out, gsm::unpacked(octets)); break;
    case Alphabet::ascii:
      for (const char octet : octets) {
        const auto value = static_cast<std::uint8_t>(octet);
        append_utf8(out, value < 0x80 ? value : U'\uFFFD');
      }
      break;
    case Alphabet::latin1:
      for (const char octet : octets) append_utf8(out, static_cast<std::uint8_t>(octet));
      break;
    case Alphabet::ucs2:
      if (octets.starts_with("\xFE\xFF")) octets.remove_prefix(2);  // A byte order mark, which is no text.
      out = utf8_of_utf16(octets);
      break;
  }
  return out;
}

}  // namespace xion::smpp
