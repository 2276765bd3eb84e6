#include "base/log_tail.h"

#include <algorithm>

namespace xion {
namespace {

/// What a line costs beside its text, roughly. Octets.
constexpr std::size_t line_overhead_octets = sizeof(LogLine);

}  // namespace

void LogTail::add(log::Level level, WallTime at, std::string_view text) {
  const std::scoped_lock lock(mutex_);
  lines_.push_back({level, at, std::string(text)});
  octets_ += text.size() + line_overhead_octets;
  while (octets_ > octets_limit_ && lines_.size() > 1) {
    octets_ -= lines_.front().text.size() + line_overhead_octets;
    lines_.pop_front();
    ++first_;
  }
}

std::uint64_t LogTail::end() const {
  const std::scoped_lock lock(mutex_);
  return first_ + lines_.size();
}

LogTail::Part LogTail::read(std::uint64_t from, std::size_t limit) const {
  const std::scoped_lock lock(mutex_);
  Part part;
  part.missed = from < first_ ? first_ - from : 0;
  const std::size_t begin = std::min<std::size_t>(from < first_ ? 0 : from - first_, lines_.size());
  const std::size_t end = std::min(begin + limit, lines_.size());
  part.lines.assign(lines_.begin() + static_cast<std::ptrdiff_t>(begin),
                    lines_.begin() + static_cast<std::ptrdiff_t>(end));
  part.next = first_ + end;
  return part;
}

}  // namespace xion
