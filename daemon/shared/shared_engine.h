#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "domain/txn.h"
#include "ports/cluster.h"
#include "ports/loop.h"
#include "ports/rows.h"
#include "ports/store.h"
#include "shared/join_gate.h"
#include "shared/read_lane.h"
#include "shared/row_cache.h"
#include "shared/row_view.h"
#include "shared/shared_records.h"
#include "shared/thing_feed.h"

namespace xion {

/// The store over rows that other nodes change, too. What tasks read is fetched for a whole batch at once; they run in
/// memory, one after the other, over what was fetched; then all that they changed is written at once, if every row is
/// still what it was read as. Otherwise nothing was, and the batch begins again.
///
///     gather ─► read ahead ─► fetch ─► run ─► commit ─► told
///                  ▲            ▲       │ a row is missing: the task comes again, with what it missed
///                  └────────────┴───────┴── conflict: again, what was read is forgotten
///
/// Nobody is told of a commit whose answer got lost before a later one says whether it was kept; or, of tasks that are
/// not patient, before `doubt_told_after`.
///
/// On one thread, the loop's; `Rows` may be anywhere.
class SharedEngine final : public Store {
 public:
  struct Settings {
    /// Under which the node has its number; empty: it is the only one.
    std::string name{};
    NodeId node = only_node;  ///< Of a node without a name.
    /// Whom tasks that only read ask, beside those that write; null: all tasks go one way.
    Rows* reads = nullptr;
    std::size_t tasks_of_batch = 512;
    /// A batch that met so many conflicts is taken apart: each of its tasks runs alone.
    unsigned conflicts_of_batch = 3;
    /// And one that meets so many alone fails.
    unsigned conflicts_of_task = 20;
    Millis retry_after{500};          ///< Between two looks for somebody who is there.
    Millis doubt_told_after{10'000};  ///< So long a commit may be in doubt before its tasks are told that they failed.
    /// A node that has written nothing for so long says that it lives, and hears whether somebody is there.
    Millis beat{1'000};
    /// So often a node that has a name looks for things that others changed.
    Millis feed{500};
    /// What a node that has a name remembers of rows that others may change is looked at again after so long.
    Millis others_change_after{1'000};
    /// A life of the node has begun. From the engine's thread.
    std::function<void(NodeLife)> began = [](NodeLife) {};
    /// So long a node is silent before others take it for dead.
    Millis lease{5'000};
    /// Why it may not join; it looks again after a while. From the engine's thread.
    std::function<void(std::string)> kept_out = [](std::string) {};
    /// Others changed these, and tasks find them so from now on. From the engine's thread.
    std::function<void(std::vector<ThingName>)> changed_elsewhere = [](std::vector<ThingName>) {};
    /// Something of `status` is another; from the engine's thread.
    std::function<void()> status_changed = [] {};
    /// Things that were changed by tasks which were told that they failed: the commit in doubt was kept after all.
    /// From the engine's thread.
    std::function<void(std::vector<ThingName>)> kept_after_all = [](std::vector<ThingName>) {};
  };

  SharedEngine(Loop& loop, Rows& rows, Settings settings, Vault* vault = nullptr);
  ~SharedEngine() override;

  /// Begins this node's life. Tasks that come before it has begun wait for it.
  void open();
  void submit(std::unique_ptr<Task> task) override;
  std::size_t waiting() const override { return waiting_; }
  StoreStatus status() const override;
  NodeLife life() const { return life_; }
  /// Its life has begun, and nothing keeps it from going on.
  bool is_open() const {
    return state_ != State::closed && state_ != State::opening && (state_ != State::in_doubt || is_writable());
  }
  /// Another process runs as this node: this one can't write any more, for good.
  bool is_fenced() const { return state_ == State::fenced; }

  /// How batches went, since start.
  struct Counts {
    std::uint64_t batches = 0, conflicts = 0, doubts = 0, rounds = 0;
    std::uint64_t read_again = 0;  ///< Tasks that came again for what they had not been known to read.
  };
  const Counts& counts() const { return counts_; }

 private:
  /// A task, and what it missed when it last ran. Its hour is that of its first run, so that it asks for the same
  /// again.
  struct Running {
    std::unique_ptr<Task> task;
    WantedRows wanted;
    std::optional<WallTime> now{};
  };
  using Batch = std::vector<Running>;
  enum class State : std::uint8_t { closed, opening, idle, busy, in_doubt, fenced };

  template <typename T, typename Then>
  auto answered(Then then);
  void later(std::move_only_function<void()> step);
  void after_a_while(void (SharedEngine::*step)());

  void find_number();
  bool may_join(const FetchedRows& found, MonoTime asked_at);
  void take_number(const std::vector<StoredRow>& taken);
  void join(NodeId node);
  void note_things(const WantedRows& wanted, const FetchedRows& fetched);
  void learn_all();

  void be_idle();
  void beat();
  void beat_later();
  void read_feed();
  void begin_soon();
  void gather();
  void begin_batch(WantedRows wanted);
  void read_ahead(std::vector<std::size_t> tasks, WantedRows wanted, unsigned rounds_left);
  void fetch(WantedRows wanted, std::move_only_function<void()> then);
  void run();
  bool run_task(Running& running);

  void commit();
  void committed(CommitOutcome outcome);
  void kept();
  WantedRows forget_batch();
  void begin_again();
  void conflicted();
  void resolve();
  void resolved(const Resolved& answer);

  void admit(std::unique_ptr<Task> task);
  bool is_writable() const;
  bool is_serving() const;
  void give_up_waiting(std::string_view why);
  void fail(std::string_view why);
  void look_again();
  void be_fenced();
  void give_up_in_doubt();
  void tell_kept();
  void tell(Batch batch, Commit commit);

  Loop& loop_;
  Rows& rows_;
  const Settings settings_;
  RowCache cache_;
  RowView view_{cache_};
  SharedRecords records_{view_};
  Txn txn_;
  ReleaseGate release_gate_;
  NodeLife life_;
  std::uint64_t sequence_ = 0;  ///< Of the last commit of this life that was kept.
  State state_ = State::closed;
  bool is_posted_ = false;
  std::string trouble_;
  std::deque<Running> arrived_;
  Batch batch_;             ///< Those that run now, in the order in which they came.
  Batch patient_;           ///< Of a batch in doubt, once the others were told that it failed.
  unsigned conflicts_ = 0;  ///< Of that batch.
  std::size_t alone_ = 0;   ///< So many of those that come next run alone.
  RowStamp stamp_ = 0;      ///< Of the commit under way.
  MonoTime doubt_since_{};
  std::size_t waiting_ = 0;
  std::uint64_t tasks_ = 0;
  Counts counts_;
  Histogram batch_tasks_{batch_sizes};
  std::unique_ptr<ReadLane> reading_;
  std::unique_ptr<Timer> timer_;
  std::unique_ptr<Timer> beat_timer_;
  bool is_beat_due_ = false;
  ThingFeed feed_;
  bool has_read_things_ = false;  ///< In this life.
  std::unique_ptr<Timer> feed_timer_;
  bool is_feed_due_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace xion
