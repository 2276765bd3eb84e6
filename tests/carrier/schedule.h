#pragma once
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"

namespace xion::carrier {

/// Work for later, in buckets of one millisecond: many receipts share a bucket, and one timer serves them all.
class Schedule {
 public:
  using Work = std::move_only_function<void()>;
  void at(MonoTime when, Work work) { buckets_[when].push_back(std::move(work)); }
  std::optional<MonoTime> next_due() const {
    return buckets_.empty() ? std::nullopt : std::optional(buckets_.begin()->first);
  }
  void run(MonoTime now) {
    while (!buckets_.empty() && buckets_.begin()->first <= now) {
      auto bucket = buckets_.extract(buckets_.begin());
      for (Work& work : bucket.mapped()) work();
    }
  }

 private:
  std::map<MonoTime, std::vector<Work>> buckets_;
};

}  // namespace xion::carrier
