#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>

namespace xion::log {

enum class Level { debug, info, warning, error };
std::string_view to_string(Level level);
/// "debug", "info", "warning" or "error"; nothing for anything else.
std::optional<Level> parse_level(std::string_view text);

/// Where lines go; set once by main (or by a test). Called on any thread; must not block.
using Sink = std::function<void(Level, std::string_view line)>;
void set_sink(Sink sink);
/// From which level on lines go to the sink.
void set_level(Level level);
Level level();

/// Lines that hold one of these go to the sink whatever their level: a phone that is traced. None: as ever.
void set_traced(std::vector<std::string> marks);

/// Somebody who looks on: gets each line that `set_overheard` asks for, and those that the sink gets.
void set_listener(Sink listener);
/// From which level on the listener wants lines, if lower than the sink's; nothing: no such wish.
void set_overheard(std::optional<Level> level);

/// Whether anybody takes lines of this level.
bool is_enabled(Level level);
/// Hands one finished line to those who want it.
void write(Level level, std::string_view line);

/// Formats and writes one line. In one place, so that not every caller compiles a formatter of its own.
void write_formatted(Level level, std::string_view event, fmt::string_view format, fmt::format_args args);

/// `event` is a stable dotted name from the catalogue in xiond(8); `format` gives the ` key=value` pairs behind it:
/// log::info("smsc.link.closed", "smsc={} reason={}", name, reason).
template <typename... Args>
void emit(Level level, std::string_view event, fmt::format_string<Args...> format, Args&&... args) {
  if (is_enabled(level)) write_formatted(level, event, format, fmt::make_format_args(args...));
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
