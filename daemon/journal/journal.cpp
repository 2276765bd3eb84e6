#include "journal/journal.h"

#include <cstdlib>
#include <memory>

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>

namespace xion {
namespace {

/// Lines that may wait for the writing thread.
constexpr std::size_t queue_lines = 8192;

spdlog::level::level_enum spdlog_level(log::Level level) {
  switch (level) {
    case log::Level::debug: return spdlog::level::debug;
    case log::Level::info: return spdlog::level::info;
    case log::Level::warning: return spdlog::level::warn;
    case log::Level::error: return spdlog::level::err;
  }
  return spdlog::level::info;
}

bool is_under_systemd() { return std::getenv("JOURNAL_STREAM") != nullptr; }

spdlog::sink_ptr make_sink(const std::string& destination) {
  if (destination == "journal" || (destination == "auto" && is_under_systemd())) {
    auto sink = std::make_shared<spdlog::sinks::systemd_sink_mt>("xiond");
    sink->set_pattern("%v");
    return sink;
  }
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  sink->set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc));
  return sink;
}

}  // namespace

void start_journal(const std::string& destination, log::Level level) {
  spdlog::init_thread_pool(queue_lines, 1);
  auto logger = std::make_shared<spdlog::async_logger>("xiond", make_sink(destination), spdlog::thread_pool(),
                                                       spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::info);
  log::set_level(level);
  log::set_sink([logger](log::Level line_level, std::string_view line) {
    logger->log(spdlog_level(line_level), spdlog::string_view_t(line.data(), line.size()));
  });
}

void stop_journal() {
  if (const std::uint64_t dropped = dropped_log_lines(); dropped > 0) log::warning("log.dropped", "lines={}", dropped);
  log::set_sink({});
  spdlog::shutdown();
}

std::uint64_t dropped_log_lines() {
  const auto pool = spdlog::thread_pool();
  return pool ? pool->overrun_counter() : 0;
}

log::Level parse_log_level(const std::string& text) { return log::parse_level(text).value_or(log::Level::info); }

}  // namespace xion
