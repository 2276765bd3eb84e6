#include "base/log.h"

#include <atomic>
#include <utility>

namespace xion::log {
namespace {

Sink& current_sink() {
  static Sink sink;
  return sink;
}
std::atomic<Level> lowest{Level::info};

}  // namespace

void set_sink(Sink sink) { current_sink() = std::move(sink); }
void set_level(Level level) { lowest.store(level, std::memory_order_relaxed); }
bool is_enabled(Level level) { return level >= lowest.load(std::memory_order_relaxed); }
void write(Level level, std::string_view line) {
  if (const auto& sink = current_sink()) sink(level, line);
}

}  // namespace xion::log
