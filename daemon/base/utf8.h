#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace xion {

/// Octets of the well-formed UTF-8 sequence that `text` begins with (1–4), 0 where it is ill-formed, overlong, a
/// surrogate or cut short. Source: Unicode 15 table 3-7.
std::size_t utf8_sequence_length(std::string_view text);

/// The code point of one well-formed sequence, as `utf8_sequence_length` found it.
char32_t utf8_point(std::string_view sequence);

/// The code points of well-formed UTF-8; nothing where any octet is not.
std::optional<std::u32string> from_utf8(std::string_view text);

/// Appends one code point as UTF-8; U+FFFD for surrogates and values above U+10FFFF.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace xion
