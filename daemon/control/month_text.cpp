#include "control/month_text.h"

#include <charconv>

namespace xion::control {

std::optional<Month> parse_month(std::string_view text) {
  int year = 0, month = 0;
  if (text.size() != 7 || text[4] != '-') return std::nullopt;
  const auto read = [&](std::string_view part, int& out) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), out);
    return error == std::errc{} && end == part.data() + part.size();
  };
  if (!read(text.substr(0, 4), year) || !read(text.substr(5), month) || month < 1 || month > 12 || year < 1970)
    return std::nullopt;
  return std::chrono::year{year} / std::chrono::month{static_cast<unsigned>(month)};
}

}  // namespace xion::control
