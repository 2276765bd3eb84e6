#include "core/hours.h"

#include <fmt/format.h>

namespace xion {
namespace {

constexpr int day_minutes = 24 * 60;

/// "HH:MM", 00:00 to 24:00.
std::optional<int> minute_of_day(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : 100; };
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const int hour = digit(0) * 10 + digit(1);
  const int minute = digit(3) * 10 + digit(4);
  if (minute > 59 || hour > 24 || (hour == 24 && minute > 0)) return std::nullopt;
  return hour * 60 + minute;
}

/// "UTC", "+04:00", "-03:30"; zones reach from -12:00 to +14:00.
std::optional<int> zone_of(std::string_view text) {
  if (text == "UTC") return 0;
  if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto offset = minute_of_day(text.substr(1));
  if (!offset || *offset > 14 * 60) return std::nullopt;
  return text[0] == '-' ? -*offset : *offset;
}

std::string clock(int minutes) { return fmt::format("{:02}:{:02}", minutes / 60, minutes % 60); }

}  // namespace

bool Hours::contain(WallTime at) const {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(at.time_since_epoch()).count() + zone_minutes;
  const auto now = ((minutes % day_minutes) + day_minutes) % day_minutes;
  if (from_minute < until_minute) return now >= from_minute && now < until_minute;
  return now >= from_minute || now < until_minute;
}

std::optional<Hours> parse_hours(std::string_view text) {
  if (text.size() < 13 || text[5] != '-' || text[11] != ' ') return std::nullopt;
  const auto from = minute_of_day(text.substr(0, 5));
  const auto until = minute_of_day(text.substr(6, 5));
  const auto zone = zone_of(text.substr(12));
  if (!from || !until || !zone || *from == day_minutes || *from == *until) return std::nullopt;
  return Hours{static_cast<std::uint16_t>(*from), static_cast<std::uint16_t>(*until), static_cast<std::int16_t>(*zone)};
}

std::string to_string(const Hours& hours) {
  const int zone = hours.zone_minutes;
  return fmt::format("{}-{} {}", clock(hours.from_minute), clock(hours.until_minute),
                     zone == 0 ? "UTC" : (zone < 0 ? "-" : "+") + clock(zone < 0 ? -zone : zone));
}

}  // namespace xion
