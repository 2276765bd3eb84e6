#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace xion {

/// Names and values that a client gave for a text.
using TextVariables = std::span<const std::pair<std::string, std::string>>;

/// What fills the places of a pattern: `{code}`, `{app}`, `{minutes}`, and `{NAME}` or `{NAME:link}` of each variable.
struct TextFilling {
  const Secret& code;
  std::string_view app_name;
  std::int64_t minutes = 0;  ///< Of the code's life, whole ones, rounded down; at least 1.
  TextVariables variables{};
};

/// One mistake in a pattern, as a sentence. An error keeps it from being saved.
struct PatternFinding {
  bool is_error = true;
  std::string text;
};

/// Longest pattern, in characters. Ten parts of UCS-2 hold 670.
inline constexpr std::size_t pattern_limit = 670;

/// What is wrong with a pattern, worst first: not UTF-8, too long, unbalanced braces, a place without a right name, no
/// `{code}`, the code twice, control characters.
std::vector<PatternFinding> check_pattern(std::string_view pattern);
/// The same of a text that tells something and has no code.
std::vector<PatternFinding> check_notice_pattern(std::string_view pattern);

/// Whether a pattern has a place for the code: one without is for notices alone.
bool shows_code(std::string_view pattern);

/// Whether the place of a variable may hold a link: it is written `{NAME:link}`.
bool takes_link(std::string_view pattern, std::string_view variable);

/// The variables that a pattern has places for, each once, without code, app and minutes.
std::vector<std::string> variables_of(std::string_view pattern);

/// Appends the filled pattern to `out`. Values go in as they are: a brace in a value opens no place. A variable that
/// was not given leaves nothing. `{{name}}` is the same as `{name}`.
void fill_pattern(std::string& out, std::string_view pattern, const TextFilling& filling);
/// No fewer octets than `fill_pattern` appends.
std::size_t filled_octets_at_most(std::string_view pattern, const TextFilling& filling);

}  // namespace xion
