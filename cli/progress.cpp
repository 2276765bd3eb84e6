#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "cli/render.h"
#include "cli/screen.h"

namespace xion::cli {
namespace {

constexpr std::chrono::milliseconds between_lines{100};
/// Back to the line's beginning, and what stands there is gone.
constexpr std::string_view clear_line = "\r\033[K";

std::string octets(std::uint64_t count) {
  const wire::Value value(static_cast<std::int64_t>(count));
  return cell("Bytes", &value);
}

}  // namespace

Progress::Progress() : is_shown_(Screen::of(STDERR_FILENO).width > 0) {}

Progress::~Progress() {
  if (has_line_) fmt::print(stderr, "{}", clear_line);
}

void Progress::tell(std::string_view doing, std::uint64_t done, std::uint64_t of) {
  const auto now = std::chrono::steady_clock::now();
  if (!is_shown_ || now < last_ + between_lines) return;
  last_ = now;
  has_line_ = true;
  const std::string text =
      of == 0 ? fmt::format("{} {}", doing, done) : fmt::format("{} {} of {}", doing, octets(done), octets(of));
  fmt::print(stderr, "{}{}", clear_line, text);
  std::fflush(stderr);
}

}  // namespace xion::cli
