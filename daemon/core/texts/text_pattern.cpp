#include "core/texts/text_pattern.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/utf8.h"

namespace xion {
namespace {

constexpr std::string_view code_place = "code";
constexpr std::string_view app_place = "app";
constexpr std::string_view minutes_place = "minutes";

bool is_place_name(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= 32 && std::ranges::all_of(name, is_plain);
}

/// Calls `on_text` with what stands between places and `on_place` with each name. False: a brace is left over, and what
/// begins with it was given as text.
template <typename OnText, typename OnPlace>
bool walk(std::string_view pattern, OnText on_text, OnPlace on_place) {
  bool is_balanced = true;
  while (!pattern.empty()) {
    const std::size_t brace = pattern.find_first_of("{}");
    on_text(pattern.substr(0, brace));
    if (brace == std::string_view::npos) break;
    pattern.remove_prefix(brace);
    const bool is_double = pattern.starts_with("{{");
    const std::string_view closing = is_double ? "}}" : "}";
    const std::size_t end = pattern.front() == '{' ? pattern.find(closing) : std::string_view::npos;
    if (end == std::string_view::npos) {
      is_balanced = false;
      on_text(pattern.substr(0, 1));
      pattern.remove_prefix(1);
      continue;
    }
    on_place(pattern.substr(closing.size(), end - closing.size()));
    pattern.remove_prefix(end + closing.size());
  }
  return is_balanced;
}

constexpr std::string_view link_mark = ":link";

/// The name of a place, without what it says of its value.
std::string_view name_of(std::string_view place) {
  if (place.ends_with(link_mark)) place.remove_suffix(link_mark.size());
  return place;
}

std::string_view value_of(std::string_view place, const TextFilling& filling) {
  for (const auto& [name, value] : filling.variables) {
    if (name == name_of(place)) return value;
  }
  return {};
}

}  // namespace

namespace {

std::vector<PatternFinding> check(std::string_view pattern, bool needs_code) {
  std::vector<PatternFinding> findings;
  const auto points = from_utf8(pattern);
  if (!points) return {{true, "the text is not UTF-8"}};
  // What is far too long is not gone through: a brace without partner is looked for to the end.
  if (points->size() > pattern_limit)
    return {{true, fmt::format("{} characters: expected {} at most", points->size(), pattern_limit)}};
  std::size_t codes = 0;
  const bool is_balanced = walk(
      pattern, [](std::string_view) {},
      [&](std::string_view place) {
        if (place == code_place) ++codes;
        const bool is_ours =
            name_of(place) == code_place || name_of(place) == app_place || name_of(place) == minutes_place;
        if (!is_place_name(is_ours ? place : name_of(place)))
          findings.push_back(
              {true, fmt::format("{{{}}} is no place: expected letters, digits and _, such as {{code}}", place)});
      });
  if (!is_balanced) findings.push_back({true, "a brace has no partner: places are written {code}"});
  if (codes == 0 && needs_code) findings.push_back({true, "the text has no {code}"});
  if (pattern.empty() && !needs_code) findings.push_back({true, "the text is empty"});
  if (std::ranges::any_of(*points, [](char32_t c) { return (c < 0x20 && c != '\n') || c == 0x7F; }))
    findings.push_back({true, "the text has control characters: only a line feed may stand in it"});
  if (codes > 1) findings.push_back({false, "the code stands in it more than once"});
  return findings;
}

}  // namespace

std::vector<PatternFinding> check_pattern(std::string_view pattern) { return check(pattern, true); }
std::vector<PatternFinding> check_notice_pattern(std::string_view pattern) { return check(pattern, false); }

bool shows_code(std::string_view pattern) {
  bool shows = false;
  walk(pattern, [](std::string_view) {}, [&](std::string_view place) { shows |= place == code_place; });
  return shows;
}

std::vector<std::string> variables_of(std::string_view pattern) {
  std::vector<std::string> names;
  walk(
      pattern, [](std::string_view) {},
      [&](std::string_view place) {
        if (place == code_place || place == app_place || place == minutes_place) return;
        if (std::ranges::find(names, name_of(place)) == names.end()) names.emplace_back(name_of(place));
      });
  return names;
}

bool takes_link(std::string_view pattern, std::string_view variable) {
  bool takes = false;
  walk(
      pattern, [](std::string_view) {},
      [&](std::string_view place) { takes |= place.ends_with(link_mark) && name_of(place) == variable; });
  return takes;
}

void fill_pattern(std::string& out, std::string_view pattern, const TextFilling& filling) {
  walk(
      pattern, [&](std::string_view text) { out.append(text); },
      [&](std::string_view place) {
        if (place == code_place) {
          out.append(filling.code.reveal());
        } else if (place == app_place) {
          out.append(filling.app_name);
        } else if (place == minutes_place) {
          fmt::format_to(std::back_inserter(out), "{}", std::max<std::int64_t>(filling.minutes, 1));
        } else {
          out.append(value_of(place, filling));
        }
      });
}

std::size_t filled_octets_at_most(std::string_view pattern, const TextFilling& filling) {
  std::size_t octets = pattern.size();
  walk(
      pattern, [](std::string_view) {},
      [&](std::string_view place) {
        constexpr std::size_t number = 20;
        octets +=
            std::max({number, filling.app_name.size(), filling.code.reveal().size(), value_of(place, filling).size()});
      });
  return octets;
}

}  // namespace xion
