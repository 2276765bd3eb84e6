#include "smpp/validity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "smpp/ascii.h"

namespace xion::smpp {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr Seconds longest = days{30};
/// Two years of two digits: 00–99 are 2000–2099.
constexpr int century = 2000;

/// Reads `YYMMDDhhmmss`.
std::optional<std::array<int, 6>> read_pairs(std::string_view text) {
  std::array<int, 6> pairs{};
  for (std::size_t i = 0; i < 12; ++i) {
    if (!ascii::is_digit(text[i])) return std::nullopt;
    pairs[i / 2] = pairs[i / 2] * 10 + (text[i] - '0');
  }
  return pairs;
}

}  // namespace

std::string relative_time(Millis duration) {
  const Seconds left = std::clamp(std::chrono::ceil<Seconds>(duration), Seconds{0}, longest);
  const auto whole_days = std::chrono::floor<days>(left);
  const std::chrono::hh_mm_ss time(left - whole_days);
  return fmt::format("0000{:02}{:02}{:02}{:02}000R", whole_days.count(), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

std::string absolute_time(WallTime at) {
  const auto day = std::chrono::floor<days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  return fmt::format("{:02}{:02}{:02}{:02}{:02}{:02}{}00+", static_cast<int>(date.year()) % 100,
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count() / 100);
}

std::optional<WallTime> parse_time(std::string_view text, WallTime now) {
  if (text.size() != 16) return std::nullopt;
  const auto pairs = read_pairs(text);
  if (!pairs || !ascii::is_digit(text[12]) || !ascii::is_digit(text[13]) || !ascii::is_digit(text[14]))
    return std::nullopt;
  const auto [year, month, day, hour, minute, second] = *pairs;
  const Millis tenths{(text[12] - '0') * 100};
  if (text[15] == 'R') {
    return now + days{year * 365 + month * 30 + day} + hours{hour} + minutes{minute} + Seconds{second} + tenths;
  }
  const std::chrono::year_month_day date{std::chrono::year{century + year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const WallTime local = std::chrono::sys_days(date) + hours{hour} + minutes{minute} + Seconds{second} + tenths;
  // Quarter hours by which the local time is ahead of UTC (`+`) or behind it.
  const minutes offset{((text[13] - '0') * 10 + (text[14] - '0')) * 15};
  if (text[15] == '+') return local - offset;
  if (text[15] == '-') return local + offset;
  return std::nullopt;
}

}  // namespace xion::smpp
