#include "core/otp/code.h"

#include <limits>

#include "base/assert.h"
#include "base/typed.h"
#include "base/utf8.h"

namespace xion {
namespace {

constexpr std::size_t longest_typed_code = 32;

std::uint64_t big_endian_word(const Digest& block, std::size_t index) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < 8; ++i) word = word << 8 | block[index * 8 + i];
  return word;
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
    if (typed::is_meaningless(point)) continue;
    const auto digit = typed::digit(point);
    if (!digit || digits.size() == longest_typed_code) return std::nullopt;
    digits.push_back(*digit);
  }
  if (digits.empty()) return std::nullopt;
  return Secret(std::move(digits));
}

}  // namespace xion
