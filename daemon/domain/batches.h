#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/txn.h"
#include "ports/engine.h"
#include "ports/store.h"

namespace xion {

/// What an engine's disk can be asked outside of transactions.
class Disk {
 public:
  virtual ~Disk() = default;
  /// Opens it anew: after a commit that failed an engine may refuse further work until then. Throws `StoreFailure`.
  virtual void reopen() = 0;
  /// Why nothing can be written for want of room, as a sentence; empty: there is room.
  virtual std::string why_no_room() = 0;
};

/// Tasks as transactions, and what is done when one fails. A batch is one transaction. Where it fails, the disk is
/// opened anew and read on, from this batch on: each task runs alone in a transaction that refuses writes, so that
/// those succeed that only read, until there is room again and something could be written.
///
/// In one thread and without a clock: who owns it brings tasks, the time, and the next try.
class Batches {
 public:
  using Batch = std::span<const std::unique_ptr<Task>>;

  /// `vault`: see `Txn`.
  Batches(Engine& engine, Disk& disk, Millis retry_after, Vault* vault = nullptr)
      : engine_(engine), disk_(disk), retry_after_(retry_after), txn_(engine.records(), vault) {}

  struct Outcome {
    std::vector<Commit> commits;  ///< Of each task.
    bool has_committed = false;   ///< Something was written.
  };
  /// Applies the tasks and leaves all but the commit done. `finish` of the same batch has to follow.
  void start(Batch batch, WallTime now, MonoTime at);
  /// Makes durable what `start` left.
  Outcome finish(Batch batch, WallTime now, MonoTime at);

  bool is_writable() const { return trouble_.empty(); }
  /// Why nothing can be written; empty: all is well.
  const std::string& trouble() const { return trouble_; }
  /// When the disk is to be tried again, not more often than every `retry_after`; nothing: all is well.
  std::optional<MonoTime> next_try() const;
  /// Does nothing before `next_try`.
  void try_to_recover(WallTime now, MonoTime at);

 private:
  void apply(Batch batch, WallTime now);
  bool commit(Batch batch, WallTime now);
  bool read(Task& task, WallTime now);
  void read_each(Batch batch, WallTime now);
  void fall_into_trouble(const std::string& why, Batch batch, WallTime now, MonoTime at);
  void read_on(const std::string& why, WallTime now, MonoTime at);

  Engine& engine_;
  Disk& disk_;
  const Millis retry_after_;
  Txn txn_;
  std::optional<std::vector<Commit>> decided_;  ///< Of the batch that was started, where no commit can change it.
  std::string trouble_;
  bool is_readable_ = true;
  MonoTime in_trouble_since_{};
  MonoTime last_try_{};
};

}  // namespace xion
