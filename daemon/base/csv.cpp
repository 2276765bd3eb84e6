#include "base/csv.h"

#include <algorithm>

namespace xion {
namespace {

/// The wide forms are folded to the others by spreadsheets of East Asia.
constexpr std::string_view beginnings[] = {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"};

/// Digits with a sign, a point, the bullets of a masked phone: nothing that computes or calls.
bool is_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  constexpr std::string_view bullet = "•";
  while (!text.empty()) {
    const bool is_digit = (text[0] >= '0' && text[0] <= '9') || text[0] == '.';
    if (!is_digit && !text.starts_with(bullet)) return false;
    text.remove_prefix(is_digit ? 1 : bullet.size());
  }
  return true;
}

}  // namespace

CsvLine& CsvLine::add(std::string_view value) {
  const std::string text = csv_harmless(value);
  if (!is_first_) out_.push_back(',');
  is_first_ = false;
  const auto is_special = [](char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; };
  if (std::ranges::none_of(text, is_special)) {
    out_ += text;
    return *this;
  }
  out_.push_back('"');
  // Up to each quote, which is doubled.
  std::string_view rest = text;
  for (auto end = rest.find('"'); end != rest.npos; end = rest.find('"')) {
    out_.append(rest.substr(0, end + 1)).push_back('"');
    rest.remove_prefix(end + 1);
  }
  out_.append(rest).push_back('"');
  return *this;
}

std::string csv_harmless(std::string_view text) {
  const bool is_formula =
      !is_number(text) && std::ranges::any_of(beginnings, [&](auto beginning) { return text.starts_with(beginning); });
  return is_formula ? "'" + std::string(text) : std::string(text);
}

}  // namespace xion
