#pragma once
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "base/trim.h"

/// How `xionctl app set` writes values.
namespace xion::override_text {

inline bool is_off(std::string_view value) { return value.empty() || value == "none"; }

template <typename T>
std::optional<T> number(std::string_view text, T least, T most) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= least && value <= most))
    return std::nullopt;
  return value;
}

template <typename T>
bool set(T& field, const std::optional<T>& value) {
  if (value) field = *value;
  return value.has_value();
}

/// Comma-separated; "none" or nothing: an empty list, which switches the limit off.
template <typename T, typename Parse>
bool set_list(std::vector<T>& field, std::string_view value, Parse parse) {
  std::vector<T> list;
  while (!is_off(value)) {
    const auto comma = value.find(',');
    const auto element = parse(trimmed(value.substr(0, comma)));
    if (!element) return false;
    list.push_back(*element);
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
    if (is_off(trimmed(value))) return false;  // "5/10m," ends in the middle
  }
  field = std::move(list);
  return true;
}

}  // namespace xion::override_text
