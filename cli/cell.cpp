#include <cctype>
#include <cmath>
#include <cstdlib>

#include <fmt/format.h>

#include "base/visible.h"
#include "cli/render.h"

namespace xion::cli {
namespace {

std::string duration(std::int64_t seconds) {
  struct Unit {
    std::int64_t seconds;
    char letter;
  };
  constexpr Unit units[] = {{86'400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
  std::string out;
  int parts = 0;
  for (const Unit& unit : units) {
    if (seconds < unit.seconds || parts == 2) continue;
    fmt::format_to(std::back_inserter(out), "{}{}{}", out.empty() ? "" : " ", seconds / unit.seconds, unit.letter);
    seconds %= unit.seconds;
    ++parts;
  }
  return out.empty() ? "0s" : out;
}

std::string size(double octets) {
  constexpr std::string_view units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (octets >= 1024 && unit + 1 < std::size(units)) {
    octets /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", octets) : fmt::format("{:.1f} {}", octets, units[unit]);
}

std::string number(std::string_view field, const wire::Value& value) {
  if (const auto* whole = value.whole()) {
    if (field.ends_with("Seconds") && *whole >= 0) return duration(*whole);
    if ((field.ends_with("Octets") || field.ends_with("Bytes")) && *whole >= 0)
      return size(static_cast<double>(*whole));
    return fmt::format("{}", *whole);
  }
  const double real = *value.real();
  return std::abs(real) < 1e15 && std::floor(real) == real ? fmt::format("{:.0f}", real) : fmt::format("{:.3g}", real);
}

}  // namespace

std::string cell(std::string_view field, const wire::Value* value) {
  constexpr std::string_view nothing = "–";
  if (value == nullptr || value->is_null()) return std::string(nothing);
  if (const auto* text = value->text()) return text->empty() ? std::string(nothing) : visible(*text);
  if (const auto* truth = value->truth()) return *truth ? "yes" : "no";
  std::string joined;
  if (const auto* array = value->array()) {
    for (const auto& element : *array) joined += (joined.empty() ? "" : ", ") + cell(field, &element);
  } else if (const auto* object = value->object()) {
    // `{"status":"delivered",…}` in a column is best told by its status, `{"name":…}` by its name.
    for (const auto* telling : {"status", "name"}) {
      if (const auto* member = value->find(telling)) return cell(telling, member);
    }
    for (const auto& [name, member] : *object)
      joined += (joined.empty() ? "" : " ") + visible(name) + "=" + cell(name, &member);
  } else {
    return number(field, *value);
  }
  return joined.empty() ? std::string(nothing) : joined;
}

std::string label(std::string_view field) {
  for (const std::string_view unit : {"Seconds", "Octets", "Bytes"}) {
    if (field.ends_with(unit)) field.remove_suffix(unit.size());
  }
  const auto is_lower = [](char c) { return std::islower(static_cast<unsigned char>(c)) != 0; };
  std::string words;
  for (const char c : field) {
    // A number after a word is a word of its own; that of "p50" is not.
    const std::size_t size = words.size();
    const bool is_number = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (is_number && size > 1 && is_lower(words[size - 1]) && is_lower(words[size - 2])) words.push_back(' ');
    if (std::isupper(static_cast<unsigned char>(c)) != 0) {
      words.push_back(' ');
      words.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    } else {
      words.push_back(c);
    }
  }
  return visible(words);
}

}  // namespace xion::cli
