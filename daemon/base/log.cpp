#include "base/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "base/log_line.h"

namespace xion::log {
namespace {

constexpr std::array<std::pair<std::string_view, Level>, 4> names{
    {{"debug", Level::debug}, {"info", Level::info}, {"warning", Level::warning}, {"error", Level::error}}};

Sink& current_sink() {
  static Sink sink;
  return sink;
}
Sink& current_listener() {
  static Sink listener;
  return listener;
}

using Marks = std::vector<std::string>;

std::atomic<Level> written{Level::info};  ///< Goes to the sink.
std::atomic<Level> lowest{Level::info};   ///< Is taken by anybody.
std::mutex wishes;                        ///< Of those below.
std::optional<Level> overheard;
std::shared_ptr<const Marks> traced;
std::atomic<bool> is_traced{false};

/// With `wishes` held.
void find_lowest() {
  Level least = written.load(std::memory_order_relaxed);
  if (overheard) least = std::min(least, *overheard);
  if (traced) least = Level::debug;
  lowest.store(least, std::memory_order_relaxed);
}

bool is_marked(std::string_view line) {
  if (!is_traced.load(std::memory_order_relaxed)) return false;
  std::shared_ptr<const Marks> marks;
  {
    const std::scoped_lock lock(wishes);
    marks = traced;
  }
  return marks && std::ranges::any_of(
                      *marks, [&](const std::string& mark) { return line.find(mark) != std::string_view::npos; });
}

}  // namespace

std::string_view to_string(Level level) { return names[static_cast<std::size_t>(level)].first; }

std::optional<Level> parse_level(std::string_view text) {
  const auto* found = std::ranges::find(names, text, [](const auto& entry) { return entry.first; });
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

void set_sink(Sink sink) { current_sink() = std::move(sink); }
void set_listener(Sink listener) { current_listener() = std::move(listener); }

void set_level(Level level) {
  const std::scoped_lock lock(wishes);
  written.store(level, std::memory_order_relaxed);
  find_lowest();
}
Level level() { return written.load(std::memory_order_relaxed); }

void set_traced(std::vector<std::string> marks) {
  const std::scoped_lock lock(wishes);
  is_traced.store(!marks.empty(), std::memory_order_relaxed);
  traced = marks.empty() ? nullptr : std::make_shared<const Marks>(std::move(marks));
  find_lowest();
}

void set_overheard(std::optional<Level> level) {
  const std::scoped_lock lock(wishes);
  overheard = level;
  find_lowest();
}

bool is_enabled(Level level) { return level >= lowest.load(std::memory_order_relaxed); }

void write(Level level, std::string_view line) {
  if (const auto& listener = current_listener()) listener(level, line);
  if (level < written.load(std::memory_order_relaxed) && !is_marked(line)) return;
  if (const auto& sink = current_sink()) sink(level, line);
}

void write_formatted(Level level, std::string_view event, fmt::string_view format, fmt::format_args args) {
  write(level, format_line(event, format, args));
}

}  // namespace xion::log
