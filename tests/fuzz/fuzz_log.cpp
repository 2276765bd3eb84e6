// Whatever values a line of the log is made of: it is one line of visible text and bounded length, and has exactly the
// fields that its maker meant, each of which is read back whole where it was short enough.
#include <string>
#include <vector>

#include "base/csv.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/visible.h"
#include "control/log_filter.h"
#include "fuzz_input.h"

using namespace xion;

namespace {

/// The longest escape of one octet, `\x9f`, four times over.
constexpr std::size_t surely_whole = log_value_limit / 4;

std::string& last_line() {
  static std::string line;
  return line;
}

void check_visible(std::string_view text) {
  const auto points = from_utf8(text);
  XION_ASSERT(points.has_value());
  for (const char32_t point : *points) XION_ASSERT(!is_active(point));
}

void check_value(const control::LogFields& fields, std::string_view name, std::string_view value) {
  if (value.size() <= surely_whole) XION_ASSERT(fields.find(name) == value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool is_ready = [] {
    log::set_sink([](log::Level, std::string_view line) { last_line() = line; });
    return true;
  }();
  XION_ASSERT(is_ready);
  fuzz::Input input(data, size);
  const std::size_t first_size = input.octet(), second_size = input.octet();
  const std::string first(input.take(first_size)), second(input.take(second_size)), third(input.rest());

  log::warning("x.y", "a={} b=\"{}\" n={} c={}", first, second, first_size, third);
  const std::string& line = last_line();
  check_visible(line);
  XION_ASSERT(line.size() <= 3 * (log_value_limit + 8) + 32);
  const control::LogFields fields = control::parse_log_line(line);
  XION_ASSERT(fields.event == "x.y" && fields.named.size() == 4 && fields.detail.empty());
  check_value(fields, "a", first);
  check_value(fields, "b", second);
  check_value(fields, "c", third);
  XION_ASSERT(fields.find("n") == std::to_string(first_size));

  check_visible(visible(third));
  (void)read_log_value(third);
  const std::string harmless = csv_harmless(third);
  XION_ASSERT(harmless == third || harmless == "'" + third);
  return 0;
}
