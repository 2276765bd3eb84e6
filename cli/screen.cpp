#include "cli/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace xion::cli {
namespace {

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

Screen Screen::of(int descriptor) {
  if (::isatty(descriptor) == 0) return {};
  winsize size{};
  const bool is_known = ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return {is_known ? std::size_t{size.ws_col} : 80, environment("NO_COLOR").empty() && environment("TERM") != "dumb",
          size.ws_row};
}

std::size_t columns_of(std::string_view utf8) {
  std::size_t columns = 0;
  for (const char c : utf8) columns += begins_character(c) ? 1 : 0;
  return columns;
}

std::string cut(std::string_view utf8, std::size_t columns) {
  if (columns_of(utf8) <= columns) return std::string(utf8);
  std::string kept;
  std::size_t room = columns == 0 ? 0 : columns - 1;
  for (const char c : utf8) {
    if (begins_character(c) && room-- == 0) break;
    kept.push_back(c);
  }
  return columns == 0 ? "" : kept + "…";
}

}  // namespace xion::cli
