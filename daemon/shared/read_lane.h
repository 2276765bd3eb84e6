#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "domain/txn.h"
#include "ports/loop.h"
#include "ports/rows.h"
#include "ports/store.h"
#include "shared/row_cache.h"
#include "shared/row_view.h"
#include "shared/shared_records.h"

namespace xion {

/// Tasks that only read, beside the batches of those that write: by rows of their own and another connection, so that
/// nobody's commit waits for a long range. Whatever such a task reads is fetched for its batch, and forgotten after it;
/// of `things` it sees what this node knows. One that writes after all, or misses a thing, goes the way of all others.
///
/// On the engine's thread; a task runs at once, between two steps of a writing batch, of which it sees nothing.
class ReadLane {
 public:
  using Tasks = std::vector<std::unique_ptr<Task>>;
  struct Host {
    std::function<bool()> is_serving;  ///< Else what is in memory is not known, and nobody is answered.
    std::function<void(Tasks, Commit)> tell;
    std::function<void(std::unique_ptr<Task>)> hand_over;
  };
  /// `others` is what `records` look through otherwise.
  ReadLane(Loop& loop, Rows& rows, const RowCache& things, RowView& others, SharedRecords& records, Vault* vault,
           Host host);

  void submit(std::unique_ptr<Task> task);
  std::uint64_t fetches() const { return fetches_; }

 private:
  enum class Ran : std::uint8_t { whole, unread, not_here };
  void begin_soon();
  void begin();
  void run();
  Ran run_one(Task& task);
  void fetch(WantedRows wanted, unsigned tries_left);
  void fail();
  void end_batch();

  Loop& loop_;
  Rows& rows_;
  RowView& others_;
  SharedRecords& records_;
  Txn txn_;
  const Host host_;
  RowCache cache_;
  RowView view_{cache_};
  std::deque<std::unique_ptr<Task>> arrived_;
  Tasks batch_;
  WallTime now_{};
  WantedRows missing_;
  bool is_busy_ = false;
  std::uint64_t fetches_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace xion
