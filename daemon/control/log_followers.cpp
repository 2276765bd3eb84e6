#include "control/log_followers.h"

#include <algorithm>
#include <deque>

namespace xion::control {
namespace {

/// How often followers get what came meanwhile: often enough for eyes, and no work for whoever writes the log.
constexpr Millis look_every{100};
/// Lines taken out of the tail at once.
constexpr std::size_t step_lines = 1000;

}  // namespace

LogFollowers::LogFollowers(Loop& loop, const LogTail* tail) : tail_(tail), timer_(loop.timer([this] { look(); })) {}
LogFollowers::~LogFollowers() { log::set_overheard(std::nullopt); }

std::vector<std::string> LogFollowers::last(const LogFilter& filter, std::size_t count) const {
  std::deque<std::string> found;
  if (tail_ == nullptr || count == 0) return {};
  for (std::uint64_t from = 0;;) {
    const LogTail::Part part = tail_->read(from, step_lines);
    for (const LogLine& line : part.lines) {
      if (!may_match(filter, line)) continue;
      const LogFields fields = parse_log_line(line.text);
      if (!matches(filter, fields)) continue;
      if (found.size() == count) found.pop_front();
      found.push_back(log_json(line, fields));
    }
    if (part.lines.size() < step_lines) break;
    from = part.next;
  }
  return {std::make_move_iterator(found.begin()), std::make_move_iterator(found.end())};
}

void LogFollowers::add(FilterRef filter, Follower follower, std::size_t count) {
  const std::uint64_t next = tail_->end();
  for (std::string& line : last(*filter, count)) {
    if (!follower.tell(std::move(line))) return;
  }
  followers_.push_back({std::move(filter), std::move(follower), next});
  note_levels();
  timer_->start(look_every);
}

void LogFollowers::look() {
  const auto gone = std::erase_if(followers_, [this](One& one) { return !catch_up(one); });
  if (gone > 0) note_levels();
  if (!followers_.empty()) timer_->start(look_every);
}

/// False: the follower has gone.
bool LogFollowers::catch_up(One& one) const {
  for (;;) {
    const LogTail::Part part = tail_->read(one.next, step_lines);
    one.next = part.next;
    one.follower.miss(part.missed);
    for (const LogLine& line : part.lines) {
      if (!may_match(*one.filter, line)) continue;
      const LogFields fields = parse_log_line(line.text);
      if (matches(*one.filter, fields) && !one.follower.tell(log_json(line, fields))) return false;
    }
    if (part.lines.size() < step_lines) return one.follower.is_there();
  }
}

void LogFollowers::note_levels() const {
  std::optional<log::Level> least;
  for (const One& one : followers_) least = std::min(least.value_or(log::Level::error), one.filter->level);
  log::set_overheard(least);
}

}  // namespace xion::control
