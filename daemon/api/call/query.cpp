#include "api/call/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "api/call/json_request.h"
#include "base/utf8.h"

namespace xion {
namespace {

using namespace std::chrono;

constexpr std::size_t parameters_max = 32;

/// Nothing where an escape is malformed or hides a NUL.
std::optional<std::string> decode_form(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '+') {
      plain.push_back(' ');
    } else if (text[at] != '%') {
      plain.push_back(text[at]);
    } else {
      unsigned char octet = 0;
      if (text.size() - at < 3) return std::nullopt;
      const char* digits = text.data() + at + 1;
      const auto [end, error] = std::from_chars(digits, digits + 2, octet, 16);
      if (error != std::errc{} || end != digits + 2 || octet == 0) return std::nullopt;
      plain.push_back(static_cast<char>(octet));
      at += 2;
    }
  }
  return plain;
}

/// Reads exactly so many digits and drops them.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view one_of) {
  if (text.empty() || one_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<sys_days> take_date(std::string_view& text) {
  const auto y = take_digits(text, 4);
  if (!y || !take(text, "-")) return std::nullopt;
  const auto m = take_digits(text, 2);
  if (!m || !take(text, "-")) return std::nullopt;
  const auto d = take_digits(text, 2);
  if (!d) return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*m)}, day{static_cast<unsigned>(*d)}};
  if (!date.ok() || *y == 0) return std::nullopt;
  return sys_days{date};
}

/// Milliseconds of `.123456`, cut; 0 where there is no fraction.
std::optional<Millis> take_fraction(std::string_view& text) {
  if (!take(text, ".")) return Millis{0};
  int ms = 0;
  std::size_t digits = 0;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits, text.remove_prefix(1)) {
    if (digits < 3) ms = ms * 10 + (text.front() - '0');
  }
  for (std::size_t i = digits; i < 3; ++i) ms *= 10;
  return digits > 0 ? std::optional(Millis{ms}) : std::nullopt;
}

/// What to take off to come to UTC.
std::optional<minutes> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return minutes{0};
  if (text.empty()) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  if (!take(text, "+- ")) return std::nullopt;
  const auto h = take_digits(text, 2);
  if (!h || !take(text, ":")) return std::nullopt;
  const auto m = take_digits(text, 2);
  if (!m || *h > 23 || *m > 59) return std::nullopt;
  return minutes{sign * (*h * 60 + *m)};
}

}  // namespace

std::expected<QueryParameters, Problem> parse_query(std::string_view query) {
  QueryParameters parameters;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    auto name = decode_form(pair.substr(0, equals));
    auto value = decode_form(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value || !from_utf8(*name) || !from_utf8(*value)) {
      return std::unexpected(invalid_field("query", "UTF-8 text, %-escapes of two hexadecimal digits"));
    }
    if (std::ranges::any_of(parameters, [&](const auto& other) { return other.first == *name; })) {
      return std::unexpected(invalid_field(*name, "the parameter once"));
    }
    if (parameters.size() == parameters_max) return std::unexpected(invalid_field("query", "at most 32 parameters"));
    parameters.emplace_back(std::move(*name), std::move(*value));
  }
  return parameters;
}

Problem unknown_parameter(std::string_view name, std::span<const std::string_view> known) {
  if (known.empty()) {
    Problem problem(ErrorCode::unknown_field, fmt::format("`{}`: this call takes no parameters", name.substr(0, 64)));
    problem.with("field", name.substr(0, 64));
    return problem;
  }
  return unknown_field(name, known);
}

std::optional<WallTime> parse_time(std::string_view text) {
  const auto date = take_date(text);
  if (!date) return std::nullopt;
  if (text.empty()) return WallTime{*date};
  if (!take(text, "Tt ")) return std::nullopt;
  const auto h = take_digits(text, 2);
  if (!h || !take(text, ":")) return std::nullopt;
  const auto m = take_digits(text, 2);
  if (!m || !take(text, ":")) return std::nullopt;
  const auto s = take_digits(text, 2);
  if (!s || *h > 23 || *m > 59 || *s > 60) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  return WallTime{*date} + hours{*h} + minutes{*m} + Seconds{*s} + *fraction - *offset;
}

std::optional<Day> parse_date(std::string_view text) {
  const auto date = take_date(text);
  if (!date || !text.empty() || *date < sys_days{}) return std::nullopt;  // Days are counted from 1970.
  return day_of(WallTime{*date});
}

std::string date_of(Day day) { return rfc3339(WallTime{sys_days{days{day}}}).substr(0, 10); }

std::optional<std::uint64_t> parse_whole(std::string_view text, std::uint64_t max) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

}  // namespace xion
