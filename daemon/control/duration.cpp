#include "control/duration.h"

#include <charconv>
#include <cstdint>

namespace xion::control {

std::optional<Seconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, count);
  if (error != std::errc{} || end + 1 != last || count <= 0 || count > 3'155'760'000) return std::nullopt;
  constexpr Seconds century{3'155'760'000};
  Seconds unit{0};
  switch (*end) {
    case 'd': unit = Seconds{86'400}; break;
    case 'h': unit = Seconds{3'600}; break;
    case 'm': unit = Seconds{60}; break;
    case 's': unit = Seconds{1}; break;
    default: return std::nullopt;
  }
  return count <= century / unit ? std::optional(unit * count) : std::nullopt;
}

}  // namespace xion::control
