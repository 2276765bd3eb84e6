#pragma once
#include <list>
#include <memory>

#include "base/log_tail.h"
#include "control/follower.h"
#include "control/log_filter.h"
#include "ports/loop.h"

namespace xion::control {

/// Those who follow the log. While somebody does, lines below the daemon's own level are made for them; they go nowhere
/// else. Loop thread only.
class LogFollowers {
 public:
  /// `tail` null: there is nothing to follow.
  LogFollowers(Loop& loop, const LogTail* tail);
  ~LogFollowers();
  bool is_there() const { return tail_ != nullptr; }

  using FilterRef = std::shared_ptr<LogFilter>;  ///< Shared, so that a phone's requests join it as they are made.
  /// The last `count` lines that match, as JSON, oldest first.
  std::vector<std::string> last(const LogFilter& filter, std::size_t count) const;
  /// Tells `follower` the last `count` lines that match, and from then on each one until it goes.
  void add(FilterRef filter, Follower follower, std::size_t count);

 private:
  struct One {
    FilterRef filter;
    Follower follower;
    std::uint64_t next = 0;  ///< Number of the line to go on with.
  };
  void look();
  bool catch_up(One& one) const;
  void note_levels() const;

  const LogTail* tail_;
  std::list<One> followers_;
  std::unique_ptr<Timer> timer_;  ///< Last: dies first.
};

}  // namespace xion::control
