#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/services.h"
#include "base/time.h"

namespace xion {

/// What /metrics tells of the process itself.
struct ProcessFacts {
  std::string_view version;
  std::string_view config_hash;
  WallTime started_at{};
  std::uint64_t log_lines_dropped = 0;
  std::uint64_t api_connections = 0;
  std::uint64_t api_connections_limit = 0;
  std::optional<std::uint64_t> disk_free_octets{};  ///< Where the store is.
  std::optional<WallTime> last_reload{};            ///< Nothing: none since the start.
  bool is_last_reload_taken = true;
  std::vector<std::pair<std::string, WallTime>> certificates{};  ///< What each is for, and its end.
  std::optional<WallTime> last_backup{};                         ///< Nothing: none is known of.
  std::uint64_t trace_spans_exported = 0, trace_spans_dropped = 0;
};

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// The answer to a scrape. Everything is counted where it happens, as plain numbers of the loop thread; this reads
/// them, and is the only place that knows Prometheus. Names and meanings: xiond(8), METRICS.
std::string metrics_text(const Services& services, const ProcessFacts& process);

}  // namespace xion
