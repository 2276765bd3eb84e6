#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace xion {

/// "1 carrier", "2 carriers".
inline std::string counted(std::uint64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

}  // namespace xion
