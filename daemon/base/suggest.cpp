#include "base/suggest.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace xion {
namespace {

/// Longer words are nobody's typo of a key, and a comparison costs the product of both lengths.
constexpr std::size_t longest_word = 64;

std::string folded(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c == '_' || c == '-') continue;
    out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

/// Optimal string alignment distance: Levenshtein's, and a swap of neighbours counts once.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, changed});
      const bool is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

/// One slip in three letters is a typo; more is another word.
std::size_t slips_allowed(std::string_view word) { return std::max<std::size_t>(1, word.size() / 3); }

bool is_cut_or_stretched(std::string_view a, std::string_view b) {
  return std::min(a.size(), b.size()) >= 4 && (a.starts_with(b) || b.starts_with(a));
}

}  // namespace

std::optional<std::string_view> closest(std::string_view typed, std::span<const std::string_view> known) {
  const std::string wanted = folded(typed.substr(0, longest_word + 1));
  if (wanted.empty() || wanted.size() > longest_word) return std::nullopt;
  std::optional<std::string_view> nearest, stretched;
  std::size_t fewest = slips_allowed(wanted) + 1;
  for (const auto candidate : known) {
    const std::string offered = folded(candidate);
    if (const std::size_t slips = distance(wanted, offered); slips < fewest) {
      nearest = candidate;
      fewest = slips;
    }
    if (!stretched && is_cut_or_stretched(wanted, offered)) stretched = candidate;
  }
  return nearest ? nearest : stretched;
}

}  // namespace xion
