#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/time.h"

namespace xion {

/// One line of the log, as those see it who look on.
struct LogLine {
  log::Level level = log::Level::info;
  WallTime at{};
  std::string text;  ///< The event's name and what it says.
};

/// The latest lines of the log in memory, numbered from 0. From any thread; bounded: the oldest ones go.
class LogTail {
 public:
  explicit LogTail(std::size_t octets_limit = 4 * 1024 * 1024) : octets_limit_(octets_limit) {}

  void add(log::Level level, WallTime at, std::string_view text);
  /// The number that the next line gets.
  std::uint64_t end() const;

  struct Part {
    std::vector<LogLine> lines;
    std::uint64_t next = 0;    ///< Where to go on.
    std::uint64_t missed = 0;  ///< Lines that were gone already.
  };
  /// Lines from number `from` on, at most `limit`.
  Part read(std::uint64_t from, std::size_t limit) const;

 private:
  const std::size_t octets_limit_;
  mutable std::mutex mutex_;
  std::deque<LogLine> lines_;
  std::uint64_t first_ = 0;  ///< Number of `lines_.front()`.
  std::size_t octets_ = 0;
};

}  // namespace xion
