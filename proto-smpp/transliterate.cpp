// What word processors put into templates, and its nearest ASCII.
#include <algorithm>

#include "smpp/text.h"

namespace xion::smpp {
namespace {

struct Replacement {
  char32_t from;
  std::u32string_view to;
};

/// Sorted by `from`.
constexpr Replacement replacements[] = {
    {0x00A0, U" "},    // no-break space
    {0x00AB, U"\""},   // left guillemet
    {0x00AD, U""},     // soft hyphen
    {0x00B4, U"'"},    // acute accent, typed as an apostrophe
    {0x00BB, U"\""},   // right guillemet
    {0x2002, U" "},    // en space
    {0x2003, U" "},    // em space
    {0x2007, U" "},    // figure space
    {0x2009, U" "},    // thin space
    {0x200A, U" "},    // hair space
    {0x200B, U""},     // zero width space
    {0x2010, U"-"},    // hyphen
    {0x2011, U"-"},    // no-break hyphen
    {0x2012, U"-"},    // figure dash
    {0x2013, U"-"},    // en dash
    {0x2014, U"-"},    // em dash
    {0x2015, U"-"},    // horizontal bar
    {0x2018, U"'"},    // left single quote
    {0x2019, U"'"},    // right single quote, apostrophe
    {0x201A, U"'"},    // low single quote
    {0x201B, U"'"},    // reversed single quote
    {0x201C, U"\""},   // left double quote
    {0x201D, U"\""},   // right double quote
    {0x201E, U"\""},   // low double quote
    {0x201F, U"\""},   // reversed double quote
    {0x2022, U"*"},    // bullet
    {0x2026, U"..."},  // ellipsis
    {0x202F, U" "},    // narrow no-break space
    {0x2032, U"'"},    // prime
    {0x2033, U"\""},   // double prime
    {0x2039, U"<"},    // single left guillemet
    {0x203A, U">"},    // single right guillemet
    {0x2060, U""},     // word joiner
    {0x2212, U"-"},    // minus
    {0xFEFF, U""},     // byte order mark
};
static_assert(std::ranges::is_sorted(replacements, {}, &Replacement::from));

}  // namespace

std::u32string transliterated(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (const char32_t character : text) {
    const auto* row = std::ranges::lower_bound(replacements, character, {}, &Replacement::from);
    if (row != std::end(replacements) && row->from == character) {
      out += row->to;
    } else {
      out.push_back(character);
    }
  }
  return out;
}

}  // namespace xion::smpp
