#include "core/otp/code.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "base/utf8.h"

namespace xion {
namespace {

constexpr std::size_t longest_typed_code = 32;

std::uint64_t big_endian_word(const Digest& block, std::size_t index) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word = word << 8 | block[index * 8 + i];
  return word;
}

/// The zero of each row of ten decimal digits (general category Nd). Source: Unicode 15 UnicodeData.txt.
constexpr char32_t zeros[] = {
    0x30,    0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,   0xBE6,   0xC66,   0xCE6,
    0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,  0x1090,  0x17E0,  0x1810,  0x1946,  0x19D0,  0x1A80,
    0x1A90,  0x1B50,  0x1BB0,  0x1C40,  0x1C50,  0xA620,  0xA8D0,  0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,
    0xFF10,  0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0,
    0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8,
    0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950, 0x1FBF0,
};

std::optional<char> ascii_digit(char32_t point) {
  const auto* above = std::upper_bound(std::begin(zeros), std::end(zeros), point);
  if (above == std::begin(zeros) || point - above[-1] > 9) return std::nullopt;
  return static_cast<char>('0' + (point - above[-1]));
}

struct Range {
  char32_t first, last;
};
/// What people, keyboards and copied texts put round and between digits.
constexpr Range ignored[] = {
    {U'\t', U'\r'},   {U' ', U' '},     {0xA0, 0xA0},      // white space
    {0x2000, 0x200F},                                      // spaces of other widths, none, and direction marks
    {0x202A, 0x202F}, {0x205F, 0x2069}, {0x3000, 0x3000},  // direction again, narrow and wide spaces
    {0xFEFF, 0xFEFF},                                      // a byte order mark
    {U'-', U'-'},     {0x2010, 0x2015}, {0x2212, 0x2212},  // hyphens, dashes, minus
    {0xFE58, 0xFE58}, {0xFE63, 0xFE63}, {0xFF0D, 0xFF0D},
};

bool is_ignored(char32_t point) {
  return std::ranges::any_of(ignored, [&](Range r) { return point >= r.first && point <= r.last; });
}

}  // namespace

Secret code_from(const DigestBlocks& block, std::uint8_t length) {
  XION_ASSERT(length >= 4 && length <= 10);
  std::uint64_t codes = 1;
  for (std::uint8_t i = 0; i < length; ++i) codes *= 10;
  constexpr std::uint64_t top = std::numeric_limits<std::uint64_t>::max();
  // 2^64 mod codes: so many words at the top would make the low codes likelier.
  const std::uint64_t surplus = (0 - codes) % codes;
  for (std::uint32_t counter = 0;; ++counter) {
    const Digest words = block(counter);
    for (std::size_t i = 0; i < words.size() / 8; ++i) {
      std::uint64_t word = big_endian_word(words, i);
      if (word > top - surplus) continue;
      std::string digits(length, '0');
      for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, word /= 10)
        *digit = static_cast<char>('0' + word % 10);
      return Secret(std::move(digits));
    }
  }
}

std::optional<Secret> normalize_code(std::string_view typed) {
  const auto points = from_utf8(typed);
  if (!points) return std::nullopt;
  std::string digits;
  digits.reserve(longest_typed_code);
  for (const char32_t point : *points) {
    if (is_ignored(point)) continue;
    const auto digit = ascii_digit(point);
    if (!digit || digits.size() == longest_typed_code) return std::nullopt;
    digits.push_back(*digit);
  }
  if (digits.empty()) return std::nullopt;
  return Secret(std::move(digits));
}

}  // namespace xion
