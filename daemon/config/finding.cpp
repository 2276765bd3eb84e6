#include "config/finding.h"

#include <string_view>

#include <fmt/format.h>

namespace xion {
namespace {

struct Palette {
  std::string_view place, warning, hint, plain;
};
constexpr Palette colours{"\033[1m", "\033[1;35m", "\033[36m", "\033[0m"};
constexpr Palette none{"", "", "", ""};

}  // namespace

std::string format_finding(const Finding& finding, bool colour) {
  const Palette& palette = colour ? colours : none;
  std::string out = fmt::format("{}{}:", palette.place, finding.file);
  if (finding.line > 0) fmt::format_to(std::back_inserter(out), "{}:{}:", finding.line, finding.column);
  out.append(palette.plain).push_back(' ');
  if (!finding.is_error) fmt::format_to(std::back_inserter(out), "{}warning:{} ", palette.warning, palette.plain);
  out.append(finding.message);
  if (!finding.hint.empty()) {
    fmt::format_to(std::back_inserter(out), "\n  {}hint:{} {}", palette.hint, palette.plain, finding.hint);
  }
  return out;
}

}  // namespace xion
