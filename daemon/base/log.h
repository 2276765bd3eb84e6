#pragma once
#include <functional>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace xion::log {

enum class Level { debug, info, warning, error };

/// Where lines go; set once by main (or by a test). Called on any thread; must not block.
using Sink = std::function<void(Level, std::string_view line)>;
void set_sink(Sink sink);
void set_level(Level level);
bool is_enabled(Level level);
/// Hands one finished line to the sink.
void write(Level level, std::string_view line);

/// `event` is a stable dotted name from the catalogue in xiond(8); `format` gives the ` key=value` pairs behind it:
/// log::info("smsc.link.closed", "smsc={} reason={}", name, reason).
template <typename... Args>
void emit(Level level, std::string_view event, fmt::format_string<Args...> format, Args&&... args) {
  if (!is_enabled(level)) return;
  std::string line(event);
  line.push_back(' ');
  fmt::format_to(std::back_inserter(line), format, std::forward<Args>(args)...);
  write(level, line);
}
template <typename... Args>
void debug(std::string_view event, fmt::format_string<Args...> format, Args&&... args) {
  emit(Level::debug, event, format, std::forward<Args>(args)...);
}
template <typename... Args>
void info(std::string_view event, fmt::format_string<Args...> format, Args&&... args) {
  emit(Level::info, event, format, std::forward<Args>(args)...);
}
template <typename... Args>
void warning(std::string_view event, fmt::format_string<Args...> format, Args&&... args) {
  emit(Level::warning, event, format, std::forward<Args>(args)...);
}
template <typename... Args>
void error(std::string_view event, fmt::format_string<Args...> format, Args&&... args) {
  emit(Level::error, event, format, std::forward<Args>(args)...);
}

}  // namespace xion::log
