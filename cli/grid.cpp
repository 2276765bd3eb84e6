#include <algorithm>

#include <fmt/format.h>

#include "cli/render.h"

namespace xion::cli {
namespace {

constexpr std::size_t gap = 2;

enum class Mood { good, waiting, bad };
struct Word {
  std::string_view text;
  Mood mood;
};
/// States of carriers, requests, messages and keys that are worth a colour.
constexpr Word moods[] = {
    {"bound", Mood::good},      {"verified", Mood::good},      {"delivered", Mood::good},
    {"active", Mood::good},     {"connecting", Mood::waiting}, {"binding", Mood::waiting},
    {"paused", Mood::waiting},  {"draining", Mood::waiting},   {"pending", Mood::waiting},
    {"queued", Mood::waiting},  {"submitted", Mood::waiting},  {"down", Mood::bad},
    {"undelivered", Mood::bad}, {"rejected", Mood::bad},       {"expired", Mood::bad},
    {"locked", Mood::bad},      {"blocked", Mood::bad},        {"failed", Mood::bad},
    {"revoked", Mood::bad},
};

std::string_view colour_of(std::string_view text) {
  const auto* word = std::ranges::find(moods, text, &Word::text);
  if (word == std::end(moods)) return "";
  switch (word->mood) {
    case Mood::good: return "\033[32m";
    case Mood::waiting: return "\033[33m";
    case Mood::bad: return "\033[31m";
  }
  return "";
}

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '-'; });
}

/// Takes from the widest column, again and again, until the line fits; none gets narrower than its title or 8.
void fit(std::vector<std::size_t>& widths, const std::vector<std::string>& titles, std::size_t room) {
  const auto total = [&] {
    std::size_t sum = gap * (widths.size() - 1);
    for (const std::size_t width : widths) sum += width;
    return sum;
  };
  while (total() > room) {
    const auto widest = std::ranges::max_element(widths);
    const auto column = static_cast<std::size_t>(widest - widths.begin());
    if (*widest <= std::max<std::size_t>(8, titles.empty() ? 0 : columns_of(titles[column]))) return;
    --*widest;
  }
}

void append(std::string& line, std::string_view text, std::size_t width, bool to_the_right, std::string_view colour) {
  const std::string shown = cut(text, width);
  const std::string padding(width - columns_of(shown), ' ');
  if (!line.empty()) line.append(gap, ' ');
  if (to_the_right) line.append(padding);
  line.append(colour).append(shown);
  if (!colour.empty()) line.append("\033[0m");
  if (!to_the_right) line.append(padding);
}

}  // namespace

std::string Grid::render(const Screen& screen) const {
  const std::size_t count = titles.empty() ? (rows.empty() ? 0 : rows[0].size()) : titles.size();
  if (count == 0) return "";
  std::vector<std::size_t> widths(count);
  std::vector<bool> numeric(count, false);
  for (std::size_t i = 0; i < count; ++i) {
    if (!titles.empty()) widths[i] = columns_of(titles[i]);
    for (const auto& row : rows) {
      widths[i] = std::max(widths[i], columns_of(row[i]));
    }
    const auto is_missing = [&](const auto& row) { return row[i] == "–"; };
    numeric[i] = std::ranges::all_of(rows, [&](const auto& row) { return is_number(row[i]) || is_missing(row); }) &&
                 !std::ranges::all_of(rows, is_missing);
  }
  if (screen.width > 0) fit(widths, titles, screen.width);
  std::string out;
  const auto add_line = [&](const std::vector<std::string>& row, bool is_head) {
    std::string line;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view colour = !screen.colour ? "" : (is_head ? "\033[1m" : colour_of(row[i]));
      append(line, row[i], widths[i], numeric[i], colour);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out.append(line).push_back('\n');
  };
  if (!titles.empty()) add_line(titles, true);
  for (const auto& row : rows) add_line(row, false);
  return out;
}

}  // namespace xion::cli
