#include "smpp/gsm.h"

#include <array>

#include "base/utf8.h"

namespace xion::smpp::gsm {
namespace {

/// The default alphabet by septet; NUL stands for the escape. 3GPP TS 23.038 §6.2.1.
constexpr std::array<char16_t, 128> basic = {
    u'@',      u'\u00A3', u'$',      u'\u00A5', u'\u00E8', u'\u00E9', u'\u00F9', u'\u00EC',  // 00
    u'\u00F2', u'\u00C7', u'\n',     u'\u00D8', u'\u00F8', u'\r',     u'\u00C5', u'\u00E5',  // 08
    u'\u0394', u'_',      u'\u03A6', u'\u0393', u'\u039B', u'\u03A9', u'\u03A0', u'\u03A8',  // 10
    u'\u03A3', u'\u0398', u'\u039E', u'\0',     u'\u00C6', u'\u00E6', u'\u00DF', u'\u00C9',  // 18
    u' ',      u'!',      u'"',      u'#',      u'\u00A4', u'%',      u'&',      u'\'',      // 20
    u'(',      u')',      u'*',      u'+',      u',',      u'-',      u'.',      u'/',       // 28
    u'0',      u'1',      u'2',      u'3',      u'4',      u'5',      u'6',      u'7',       // 30
    u'8',      u'9',      u':',      u';',      u'<',      u'=',      u'>',      u'?',       // 38
    u'\u00A1', u'A',      u'B',      u'C',      u'D',      u'E',      u'F',      u'G',       // 40
    u'H',      u'I',      u'J',      u'K',      u'L',      u'M',      u'N',      u'O',       // 48
    u'P',      u'Q',      u'R',      u'S',      u'T',      u'U',      u'V',      u'W',       // 50
    u'X',      u'Y',      u'Z',      u'\u00C4', u'\u00D6', u'\u00D1', u'\u00DC', u'\u00A7',  // 58
    u'\u00BF', u'a',      u'b',      u'c',      u'd',      u'e',      u'f',      u'g',       // 60
    u'h',      u'i',      u'j',      u'k',      u'l',      u'm',      u'n',      u'o',       // 68
    u'p',      u'q',      u'r',      u's',      u't',      u'u',      u'v',      u'w',       // 70
    u'x',      u'y',      u'z',      u'\u00E4', u'\u00F6', u'\u00F1', u'\u00FC', u'\u00E0',  // 78
};

struct ExtensionRow {
  std::uint8_t septet;
  char16_t character;
};
/// What follows an escape. 3GPP TS 23.038 §6.2.1.1.
constexpr ExtensionRow extension[] = {
    {0x0A, u'\f'}, {0x14, u'^'}, {0x28, u'{'}, {0x29, u'}'}, {0x2F, u'\\'},
    {0x3C, u'['},  {0x3D, u'~'}, {0x3E, u']'}, {0x40, u'|'}, {0x65, u'\u20AC'},
};

/// 1–128: septet plus one in the basic table; 0: not there. Every character of the table but the Greek ones and the
/// euro sign is below 256, so the way from text is one look.
constexpr auto basic_by_latin1 = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t septet = 0; septet < basic.size(); ++septet) {
    if (septet != escape && basic[septet] < 256) table[basic[septet]] = static_cast<std::uint8_t>(septet + 1);
  }
  return table;
}();

constexpr std::uint8_t cr = 0x0D;

}  // namespace

std::optional<Septets> septets_of(char32_t code_point) {
  if (code_point < 256 && basic_by_latin1[code_point] != 0) {
    return Septets{static_cast<std::uint8_t>(basic_by_latin1[code_point] - 1), std::nullopt};
  }
  for (const ExtensionRow& row : extension) {
    if (row.character == code_point) return Septets{escape, row.septet};
  }
  for (std::uint8_t septet = 0x10; septet < escape; ++septet) {  // the Greek capitals
    if (basic[septet] == code_point) return Septets{septet, std::nullopt};
  }
  return std::nullopt;
}

void append_as_utf8(std::string& out, std::string_view septets) {
  bool is_escaped = false;
  for (const char octet : septets) {
    const auto septet = static_cast<std::uint8_t>(octet);
    if (septet > 127) {
      is_escaped = false;
      append_utf8(out, U'\uFFFD');
      continue;
    }
    if (septet == escape) {
      // An escape behind an escape is reserved for another table, and shows as a space.
      if (is_escaped) out.push_back(' ');
      is_escaped = !is_escaped;
      continue;
    }
    char32_t character = basic[septet];
    if (is_escaped) {
      for (const ExtensionRow& row : extension) {
        if (row.septet == septet) character = row.character;
      }
      is_escaped = false;
    }
    append_utf8(out, character);
  }
}

std::string packed(std::string_view septets, unsigned fill_bits) {
  std::string out;
  if (septets.empty()) return out;
  out.reserve((septets.size() * 7 + fill_bits + 7) / 8);
  unsigned held = 0;  // bits not yet written, the lowest first
  unsigned bits = fill_bits;
  for (const char septet : septets) {
    held |= (static_cast<unsigned>(septet) & 0x7F) << bits;
    bits += 7;
    if (bits >= 8) {
      out.push_back(static_cast<char>(held & 0xFF));
      held >>= 8;
      bits -= 8;
    }
  }
  if (bits == 0) return out;
  if (bits == 1) held |= static_cast<unsigned>(cr) << 1;
  out.push_back(static_cast<char>(held & 0xFF));
  return out;
}

std::string unpacked(std::string_view octets, unsigned fill_bits) {
  std::string out;
  if (octets.size() * 8 < fill_bits) return out;
  const std::size_t count = (octets.size() * 8 - fill_bits) / 7;
  const bool ends_on_boundary = (fill_bits + count * 7) % 8 == 0;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t bit = fill_bits + i * 7;
    unsigned pair = static_cast<std::uint8_t>(octets[bit / 8]);
    if (bit / 8 + 1 < octets.size()) pair |= static_cast<unsigned>(static_cast<std::uint8_t>(octets[bit / 8 + 1])) << 8;
    out.push_back(static_cast<char>(pair >> bit % 8 & 0x7F));
  }
  if (ends_on_boundary && !out.empty() && out.back() == static_cast<char>(cr)) out.pop_back();
  return out;
}

}  // namespace xion::smpp::gsm
