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

std::size_t total_of(const std::vector<std::size_t>& widths) {
  std::size_t sum = widths.empty() ? 0 : gap * (widths.size() - 1);
  for (const std::size_t width : widths) sum += width;
  return sum;
}

/// Takes from the widest column that may be cut, again and again, until the line fits; none gets narrower than its
/// title or 8.
void fit(std::vector<std::size_t>& widths, const Grid& grid, std::size_t room) {
  const auto least = [&](std::size_t i) {
    if (i < grid.is_whole.size() && grid.is_whole[i]) return widths[i];
    return std::max<std::size_t>(8, grid.titles.empty() ? 0 : columns_of(grid.titles[i]));
  };
  while (total_of(widths) > room) {
    std::size_t widest = widths.size();
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] > least(i) && (widest == widths.size() || widths[i] > widths[widest])) widest = i;
    }
    if (widest == widths.size()) return;
    --widths[widest];
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
  std::size_t count = titles.empty() ? (rows.empty() ? 0 : rows[0].size()) : titles.size();
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
  std::size_t left_out = 0;
  if (screen.width > 0) {
    fit(widths, *this, screen.width);
    // The first two tell what a row is.
    for (; !titles.empty() && count > 2 && total_of(widths) > screen.width; ++left_out) {
      widths.resize(--count);
    }
  }
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
  if (left_out > 0) {
    std::string names;
    for (std::size_t i = count; i < titles.size(); ++i) names += (names.empty() ? "" : ", ") + titles[i];
    out += cut(fmt::format("… not shown for want of width: {} (--wide)", names), screen.width) + "\n";
  }
  return out;
}

}  // namespace xion::cli
