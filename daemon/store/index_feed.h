#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/otp/otp.h"
#include "store/indexes.h"

namespace xion {

/// Puts requests into the indexes while the next ones are read: a thread of its own for a long log, none for a short
/// one. Until `finish` the indexes are the feed's.
class IndexFeed {
 public:
  IndexFeed(Indexes& indexes, WallTime opened_at) : indexes_(indexes), opened_at_(opened_at) {}
  ~IndexFeed();
  IndexFeed(const IndexFeed&) = delete;
  IndexFeed& operator=(const IndexFeed&) = delete;

  /// Oldest first.
  void add(Otp&& otp);
  /// Waits until everything is in. Throws what the indexes threw.
  void finish();

 private:
  using Batch = std::vector<Otp>;
  void hand_over();
  void work();
  void restore(const Batch& batch);

  Indexes& indexes_;
  WallTime opened_at_;
  Batch filling_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> waiting_;  ///< Guarded by `mutex_`, as the next one.
  bool is_over_ = false;
  std::exception_ptr trouble_;  ///< The worker's until it is joined.
  std::thread worker_;
};

}  // namespace xion
