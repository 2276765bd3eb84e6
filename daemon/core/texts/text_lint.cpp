#include "core/texts/text_lint.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.h"
#include "core/texts/message_text.h"
#include "smpp/text.h"

namespace xion {
namespace {

constexpr std::size_t sample_value_characters = 10;

/// Characters of one message, and of each of several: the headers of the parts take 6 octets. 3GPP TS 23.040
/// §9.2.3.24.1.
struct Room {
  std::uint32_t alone, each;
};
constexpr Room gsm7_room{160, 153};
constexpr Room ucs2_room{70, 67};

bool is_gsm7(std::string_view text) {
  return smpp::encode_text(text, smpp::Alphabet::gsm7, smpp::Concat::udh8, 0, false).alphabet == smpp::Alphabet::gsm7;
}

/// The characters that GSM 03.38 lacks, each once, as many as a person would want to read.
std::string foreign_characters(const std::u32string& points) {
  std::string list;
  std::vector<char32_t> seen;
  for (const char32_t point : points) {
    if (seen.size() == 5) return list + " …";
    std::string one;
    append_utf8(one, point);
    if (std::ranges::find(seen, point) != seen.end() || is_gsm7(one)) continue;
    seen.push_back(point);
    list.append(list.empty() ? "" : " ").append(one);
  }
  return list;
}

std::uint32_t length_in(const std::u32string& points, bool is_ucs2) {
  constexpr std::u32string_view two_septets = U"^{}\\[~]|€\f";
  std::uint32_t length = 0;
  for (const char32_t point : points) {
    const bool is_double = is_ucs2 ? point > 0xFFFF : two_septets.find(point) != std::u32string_view::npos;
    length += is_double ? 2 : 1;
  }
  return length;
}

}  // namespace

bool TextLint::has_errors() const { return std::ranges::any_of(findings, &PatternFinding::is_error); }

TextLint lint_text(const LintRequest& request) {
  TextLint lint;
  lint.findings = request.is_notice ? check_notice_pattern(request.pattern) : check_pattern(request.pattern);
  if (request.is_notice) lint.findings.push_back({false, "it has no {code}: for notices alone (POST /v1/notice)"});
  const auto pattern_points = from_utf8(request.pattern);
  if (!pattern_points || pattern_points->size() > pattern_limit) return lint;
  lint.variables = variables_of(request.pattern);
  std::vector<std::pair<std::string, std::string>> values(request.variables.begin(), request.variables.end());
  for (const std::string& name : lint.variables) {
    if (std::ranges::find(values, name, &std::pair<std::string, std::string>::first) == values.end())
      values.emplace_back(name, std::string(sample_value_characters, 'x'));
  }
  const Secret zeros(std::string(request.code_length, '0'));
  lint.preview = render_text({.locale = "en",
                              .country = {},
                              .app_name = request.app_name,
                              .app_hash = {},
                              .web_origin = {},
                              .code = zeros,
                              .pattern = request.pattern,
                              .minutes = request.minutes,
                              .variables = values})
                     .reveal();
  const auto encoded = smpp::encode_text(lint.preview, smpp::Alphabet::gsm7, smpp::Concat::udh8, 0, false);
  const bool is_ucs2 = encoded.alphabet == smpp::Alphabet::ucs2;
  const std::u32string points = from_utf8(lint.preview).value_or(std::u32string());
  lint.encoding = is_ucs2 ? "ucs2" : "gsm7";
  lint.segments = static_cast<std::uint32_t>(encoded.segments.size());
  lint.characters = length_in(points, is_ucs2);
  const Room room = is_ucs2 ? ucs2_room : gsm7_room;
  const std::uint32_t all = lint.segments <= 1 ? room.alone : room.each * lint.segments;
  lint.left = all > lint.characters ? all - lint.characters : 0;
  if (lint.segments > request.segments_max)
    lint.findings.insert(lint.findings.begin(),
                         {true, fmt::format("{} parts: the app may send {} at most (segments_max)", lint.segments,
                                            request.segments_max)});
  else if (lint.segments > 1)
    lint.findings.push_back({false, fmt::format("each message costs {} parts", lint.segments)});
  // Armenian or Chinese can't be helped; a dash or a quotation mark that makes a Latin text cost twice can.
  const auto latin = std::ranges::count_if(points, [](char32_t c) { return c < 0x250; });
  if (is_ucs2 && static_cast<std::size_t>(latin) * 10 >= points.size() * 9)
    lint.findings.push_back({false, fmt::format("not in GSM 03.38, so that a part holds 70 characters, not 160: {}",
                                                foreign_characters(points))});
  return lint;
}

}  // namespace xion
