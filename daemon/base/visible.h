#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace xion {

/// Whether a character acts on who shows it rather than being seen: C0, DEL, C1, what ends a line or a paragraph, and
/// what turns the direction of writing. Source: Unicode 15, Bidi_Control; UAX 9 §2.
bool is_active(char32_t point);

/// Text of unknown origin as one line that shows what is in it: what is active becomes `\n`, `\t`, `\x1b` or
/// `\u{202e}`, and an octet that is not UTF-8 `\x9f`. At most `limit` octets, an `…` for the rest included.
std::string visible(std::string_view text, std::size_t limit = std::string_view::npos);

/// Octets that one value of a log line takes at most, its quotes not counted.
inline constexpr std::size_t log_value_limit = 512;

/// The one way in which a value comes into a line of the log: as it is where nothing in it could be taken for anything
/// else, else between quotes, `visible`, with `\"` for a quote and `\\` for a backslash. So a line has the fields that
/// its maker meant, and a reader gets the value back. An empty value is empty.
void append_log_value(std::string& line, std::string_view value, std::size_t limit = log_value_limit);
/// The same where the quotes are in the line already.
void append_inside_quotes(std::string& line, std::string_view value, std::size_t limit = log_value_limit);
/// The value that `append_log_value` wrote. What it can't have written is read as it stands.
std::string read_log_value(std::string_view written);

}  // namespace xion
