#pragma once
#include <atomic>
#include <condition_variable>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/commit_times.h"
#include "domain/batches.h"
#include "lmdb/compaction.h"
#include "lmdb/data_lock.h"
#include "lmdb/lmdb_kv.h"
#include "ports/open_file.h"
#include "ports/store.h"
#include "store/log_engine.h"
#include "store/near/near_kv.h"

namespace xion {

struct LmdbSettings {
  std::string directory;
  /// Of the vault: kept in a new data file, compared with a kept one.
  Digest check_value{};
  /// Address space for the data file; doubles when it is full.
  std::size_t map_octets = std::size_t{16} << 30;
  /// Tasks in one transaction at most, so that no answer waits for an endless one.
  std::size_t batch_limit = 4096;
  /// How long a task that may ride waits for one that may not.
  Millis rides_for{2};
  /// How long a failed engine waits before it tries the disk again.
  Millis retry_after{1'000};
  NearLimits near{};
  /// For the store's thread: see `Txn`.
  Vault* vault = nullptr;
  /// Told on whichever thread does it; for tests.
  Compaction::OnStep on_compaction{};
  /// The wall clock.
  std::function<WallTime()> now = [] { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); };
};

/// What became of a data file that was written anew.
struct Compacted {
  std::uint64_t octets_before = 0, octets_after = 0;
  std::uint64_t octets_caught_up = 0;  ///< Changes that came while it was copied.
  Millis took{0};
  double paused_ms = 0;  ///< For so long tasks waited.
};

/// The store on LMDB, with a thread of its own. Whatever tasks arrived during the last commit become one transaction
/// and one fsync; an idle store commits at once what is in haste. A failed commit fails who wrote in it, and all that
/// come and want to write, until there is room on the disk and the data file could be written again; those that only
/// read go on.
class LmdbStore final : public Store {
 public:
  /// Runs work on the loop thread, later, in order: `Loop::post`. Called from the store's thread.
  using Post = std::function<void(std::move_only_function<void()>)>;

  /// Runs work on the loop thread when the turn of the loop is over: `EventLoop::at_turn_end`. What a turn submits goes
  /// to the store's thread together, so that one fsync serves all of it.
  using AtTurnEnd = std::function<void(std::move_only_function<void()>)>;
  static void at_once(std::move_only_function<void()> work) { work(); }

  /// Opens, builds the indexes, starts the thread.
  static std::expected<std::unique_ptr<LmdbStore>, StoreOpenError> open(LmdbSettings settings, Post post,
                                                                        AtTurnEnd at_turn_end = &at_once);
  /// Commits what was submitted; what it tells the loop by then may still be run.
  ~LmdbStore() override;

  void submit(std::unique_ptr<Task> task) override;
  std::size_t waiting() const override { return *waiting_; }
  StoreStatus status() const override;
  /// As it was when the data file was opened: `LogEngine::key_ring`.
  const std::optional<std::string>& key_ring() const { return engine_.key_ring(); }

  /// Tells, on the loop thread, that the copy is whole, or why it is not, in a sentence.
  using CopyDone = std::move_only_function<void(std::expected<void, std::string>)>;
  /// Writes a compacted copy of the data file as it is now to a socket, on a thread of its own, while tasks go on; then
  /// closes the socket. One at a time. Who takes nothing for 30 s ends it. Loop thread only. `tap` sees what is copied,
  /// on a thread of its own, until `done` is called.
  void copy_to(std::shared_ptr<OpenFile> socket, CopyDone done, std::function<void(std::string_view octets)> tap = {});

  using CompactDone = std::move_only_function<void(std::expected<Compacted, std::string>)>;
  /// Writes the data file anew without its holes while tasks go on, and puts it in the place of the old one between two
  /// batches. `done` comes on the loop thread; where it tells why not, nothing has changed. Not beside a copy. Loop
  /// thread only.
  void compact(CompactDone done);

 private:
  using Tasks = std::vector<std::unique_ptr<Task>>;
  class DataDisk final : public Disk {
   public:
    DataDisk(LmdbKv& kv, const std::string& directory) : kv_(kv), directory_(directory) {}
    void reopen() override { kv_.reopen(); }
    std::string why_no_room() override;

   private:
    LmdbKv& kv_;
    const std::string& directory_;
  };

  LmdbStore(LmdbSettings settings, Post post, AtTurnEnd at_turn_end, DataLock lock);
  void hand_over();
  bool has_arrived() const { return !mailbox_.empty() || between_ || is_stopping_; }
  bool is_in_haste() const { return in_haste_ > 0 || between_ || is_stopping_; }
  void run();
  bool wait_for_tasks(Tasks& arrived);
  void tick();
  void fold_all();
  void work_off(Tasks arrived);
  std::vector<Commit> commit(Batches::Batch batch);
  void hand_back(Tasks batch, std::vector<Commit> outcomes);
  void publish_status();
  Compacted compact_on_this_thread();
  void between_batches(const std::function<void()>& work);
  void do_between_batches();

  const LmdbSettings settings_;
  const Post post_;
  const AtTurnEnd at_turn_end_;
  const DataLock lock_;
  LmdbKv kv_;
  NearKv near_;
  LogEngine engine_;
  DataDisk disk_;
  Batches batches_;
  std::chrono::steady_clock::time_point last_tick_{};

  mutable std::mutex status_mutex_;
  StoreStatus status_;
  CommitTimes commit_times_;
  /// Shared with the batches on their way back, which may arrive after the store has gone.
  std::shared_ptr<std::atomic<std::size_t>> waiting_ = std::make_shared<std::atomic<std::size_t>>(0);

  Tasks gathered_;  ///< Of this turn of the loop.
  std::mutex mailbox_mutex_;
  std::condition_variable mailbox_filled_;
  Tasks mailbox_;
  std::size_t in_haste_ = 0;                             ///< Of those in the mailbox.
  std::chrono::steady_clock::time_point rides_until_{};  ///< The first of them that rides.
  std::move_only_function<void()> between_;  ///< To be done by the store's thread between two batches; mostly nothing.
  bool is_stopping_ = false;
  std::thread thread_;
  /// Shared with the news that it is over, which may arrive after the store has gone. Loop thread only.
  std::shared_ptr<bool> is_copying_ = std::make_shared<bool>(false);
  std::thread copier_;
};

}  // namespace xion
