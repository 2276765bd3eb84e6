#include "config/syntax_hint.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "base/trim.h"

namespace xion::config {
namespace {

std::string_view line_of(std::string_view text, std::uint32_t line) {
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  text = text.substr(0, text.find('\n'));
  return text.ends_with('\r') ? text.substr(0, text.size() - 1) : text;
}

/// The column of an octet: characters before it, and one.
std::uint32_t column_of(std::string_view line, std::size_t at) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<std::uint32_t>(std::ranges::count_if(line.substr(0, at), begins)) + 1;
}

/// A line's texts and comment taken apart.
struct Anatomy {
  std::string_view code;                ///< Without the comment.
  std::optional<std::size_t> unclosed;  ///< Where a text begins that doesn't end.
  char quote = '"';                     ///< Of that text.
  bool has_backslash = false;           ///< In a text between double quotes.
};

Anatomy anatomy_of(std::string_view line) {
  Anatomy found{.code = line, .unclosed = {}};
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (found.unclosed) {
      if (line[i] == '\\' && found.quote == '"') {
        found.has_backslash = true;
        ++i;
      } else if (line[i] == found.quote) {
        found.unclosed.reset();
      }
    } else if (line[i] == '"' || line[i] == '\'') {
      found.unclosed = i;
      found.quote = line[i];
    } else if (line[i] == '#') {
      found.code = line.substr(0, i);
      break;
    }
  }
  return found;
}

constexpr std::string_view typographic[] = {"“", "”", "„", "‟", "«", "»", "‘", "’", "‚", "″", "＂"};

struct Slip {
  std::size_t at;  ///< Octet of the line.
  std::string hint;
};

std::optional<Slip> slip_of_quotes(std::string_view line) {
  std::size_t first = std::string_view::npos;
  for (const std::string_view quote : typographic) first = std::min(first, anatomy_of(line).code.find(quote));
  if (first == std::string_view::npos) return std::nullopt;
  return Slip{first, "typographic quotes are none here: write plain ones, \""};
}

std::optional<Slip> slip_of_text(const Anatomy& parts) {
  if (!parts.unclosed) return std::nullopt;
  return Slip{*parts.unclosed, fmt::format("the text that begins here isn't closed: a {} is missing", parts.quote)};
}

bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.' || c == ':' || c == '/' || c == '+' || c == '*' || c == '@';
  });
}

/// What stands behind the sign, where it is neither text nor a number.
std::optional<std::string> hint_for_value(std::string_view value) {
  if (value.empty()) return "a value is missing behind the =";
  std::string lower(value);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const std::string_view yes : {"true", "yes", "on"}) {
    if (lower == yes) return "write true";
  }
  for (const std::string_view no : {"false", "no", "off"}) {
    if (lower == no) return "write false";
  }
  const bool begins_with_digit = value[0] >= '0' && value[0] <= '9';
  if (begins_with_digit && value.find_first_not_of("0123456789") == value.size() - 1)
    return fmt::format("a number has no unit; where a text is meant: \"{}\"", value);
  if (value.size() > 1 && value[0] == '0' && value.find_first_not_of("0123456789") == std::string_view::npos)
    return "a number doesn't begin with 0";
  if (value.starts_with("+") && value.find_first_not_of("+0123456789") == std::string_view::npos) return std::nullopt;
  if (is_word(value)) return fmt::format("text stands in quotes: \"{}\"", value);
  return std::nullopt;
}

std::optional<Slip> slip_of_line(std::string_view line, const Anatomy& parts) {
  const std::string_view code = trimmed(parts.code);
  if (code.empty()) return std::nullopt;
  const std::size_t begin = static_cast<std::size_t>(code.data() - line.data());
  if (code.starts_with("//") || code.starts_with(';')) return Slip{begin, "a comment begins with #"};
  const bool is_heading = code.starts_with('[');
  const bool closes = code.starts_with("[[") ? code.ends_with("]]") : code.ends_with(']');
  if (is_heading && !closes && code.find('=') == std::string_view::npos && code.find(',') == std::string_view::npos)
    return Slip{begin,
                fmt::format("the table's name isn't closed: {} is missing", code.starts_with("[[") ? "]]" : "]")};
  const std::size_t sign = parts.code.find('=');
  if (is_heading) return std::nullopt;
  if (sign == std::string_view::npos) {
    const std::size_t colon = code.find(": ");
    if (colon != std::string_view::npos && is_word(code.substr(0, colon)))
      return Slip{begin + colon, "write = instead of :"};
    const std::size_t blank = code.find(' ');
    if (is_word(code.substr(0, blank)) && code.find_first_of("[]{},") == std::string_view::npos)
      return Slip{begin, "a key and its value stand so: key = value"};
    return std::nullopt;
  }
  if (trimmed(parts.code.substr(0, sign)).empty()) return Slip{sign, "a key is missing before the ="};
  const std::string_view value = trimmed(parts.code.substr(sign + 1));
  if (parts.code.find('=', sign + 1) == sign + 1) return Slip{sign, "write one ="};
  const auto hint = hint_for_value(value);
  if (!hint) return std::nullopt;
  return Slip{value.empty() ? sign : static_cast<std::size_t>(value.data() - line.data()), *hint};
}

/// A list or an inline table that a line opens and doesn't close, though the next line begins a key or a table.
std::optional<Slip> slip_of_brackets(std::string_view line, const Anatomy& parts) {
  const std::size_t sign = parts.code.find('=');
  if (sign == std::string_view::npos) return std::nullopt;
  std::vector<std::size_t> open;
  bool is_text = false;
  for (std::size_t i = sign; i < parts.code.size(); ++i) {
    const char c = line[i];
    if (c == '"') is_text = !is_text;
    if (is_text) continue;
    if (c == '[' || c == '{') open.push_back(i);
    if ((c == ']' || c == '}') && !open.empty()) open.pop_back();
  }
  if (open.empty()) return std::nullopt;
  return Slip{open.back(),
              fmt::format("what begins here isn't closed: {} is missing", line[open.back()] == '[' ? "]" : "}")};
}

std::optional<Slip> slip_in(std::string_view line) {
  const Anatomy parts = anatomy_of(line);
  if (auto slip = slip_of_quotes(line)) return slip;
  if (auto slip = slip_of_text(parts)) return slip;
  if (auto slip = slip_of_line(line, parts)) return slip;
  if (auto slip = slip_of_brackets(line, parts)) return slip;
  if (parts.has_backslash)
    return Slip{line.find('\\'), "in quotes a backslash is written twice, or the text stands in '…'"};
  return std::nullopt;
}

}  // namespace

SyntaxSlip syntax_slip(std::string_view text, std::uint32_t line, std::uint32_t column) {
  for (std::uint32_t at = line; at > 0 && at + 1 >= line; --at) {
    const std::string_view found = line_of(text, at);
    if (const auto slip = slip_in(found)) return {at, column_of(found, slip->at), slip->hint};
  }
  return {line, column, "this is not TOML; nothing after it was read"};
}

}  // namespace xion::config
