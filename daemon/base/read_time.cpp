#include "base/read_time.h"

#include <charconv>
#include <cstddef>
#include <string>

namespace xion {
namespace {

constexpr std::size_t time_length = std::string_view("2026-02-12T12:00:00").size();
constexpr std::string_view no_fraction = ".000";

int part_of(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  std::from_chars(text.data() + at, text.data() + at + count, value);
  return value;
}

}  // namespace

/// What it says is read leniently, and then has to be what would be written for that.
std::optional<WallTime> read_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const bool has_millis = text.size() == time_length + no_fraction.size() + 1;
  if (!has_millis && text.size() != time_length + 1) return std::nullopt;
  const year_month_day date{year{part_of(text, 0, 4)}, month{static_cast<unsigned>(part_of(text, 5, 2)) & 15U},
                            day{static_cast<unsigned>(part_of(text, 8, 2)) & 31U}};
  if (!date.ok()) return std::nullopt;
  const WallTime at = WallTime{sys_days{date}} + hours{part_of(text, 11, 2)} + minutes{part_of(text, 14, 2)} +
                      seconds{part_of(text, 17, 2)} + Millis{has_millis ? part_of(text, 20, 3) : 0};
  return (has_millis ? rfc3339_millis(at) : rfc3339(at)) == text ? std::optional(at) : std::nullopt;
}

}  // namespace xion
