#include "base/time.h"

namespace xion {
namespace {

struct Civil {
  std::chrono::year_month_day date;
  std::chrono::hh_mm_ss<Millis> time;
};

Civil civil(WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  return {std::chrono::year_month_day{day}, std::chrono::hh_mm_ss<Millis>{at - day}};
}

/// By hand: two stand in every answer of a send, and formatting them took a twentieth of it.
void write_digits(std::string& text, std::size_t at, std::size_t digits, unsigned value) {
  for (std::size_t i = at + digits; i-- > at; value /= 10) text[i] = static_cast<char>('0' + value % 10);
}

void write_civil(std::string& text, const Civil& c) {
  write_digits(text, 0, 4, static_cast<unsigned>(int{c.date.year()}));
  write_digits(text, 5, 2, unsigned{c.date.month()});
  write_digits(text, 8, 2, unsigned{c.date.day()});
  write_digits(text, 11, 2, static_cast<unsigned>(c.time.hours().count()));
  write_digits(text, 14, 2, static_cast<unsigned>(c.time.minutes().count()));
  write_digits(text, 17, 2, static_cast<unsigned>(c.time.seconds().count()));
}

}  // namespace

std::string rfc3339(WallTime at) {
  std::string text = "0000-00-00T00:00:00";
  write_civil(text, civil(at));
  return text += 'Z';
}

std::string rfc3339_millis(WallTime at) {
  const Civil c = civil(at);
  std::string text = "0000-00-00T00:00:00.000";
  write_civil(text, c);
  write_digits(text, 20, 3, static_cast<unsigned>(c.time.subseconds().count()));
  return text += 'Z';
}

}  // namespace xion
