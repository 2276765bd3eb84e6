#pragma once
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "domain/batches.h"
#include "ports/loop.h"
#include "ports/store.h"
#include "sim/memory_kv.h"
#include "store/log_engine.h"
#include "store/near/near_kv.h"

namespace xion::sim {

/// The store of the simulator: the engine that `xiond` has and what it does when that fails, over a disk in memory, on
/// the loop's own thread. Tasks that
/// arrive while a commit takes its time become the next one. Destroying it is the crash of the process: what was not
/// committed is gone, and who was not told yet never will be.
class SimStore final : public Store {
 public:
  /// How long the next commit takes.
  using CommitDelay = std::function<Millis()>;

  using Tasks = std::vector<std::unique_ptr<Task>>;
  /// May order a batch otherwise, and put tasks off to the next one, before it is applied.
  using Treat = std::function<void(Tasks& running, Tasks& arrived)>;

  static std::expected<std::unique_ptr<SimStore>, StoreOpenError> open(Loop& loop, MemoryKv& disk,
                                                                       const Digest& check_value, CommitDelay delay,
                                                                       NearLimits near = {}, Treat treat = {},
                                                                       Vault* vault = nullptr);
  ~SimStore() override;

  void submit(std::unique_ptr<Task> task) override;
  std::size_t waiting() const override { return waiting_; }
  StoreStatus status() const override;

 private:
  SimStore(Loop& loop, MemoryKv& disk, CommitDelay delay, NearLimits near, Treat treat, Vault* vault);
  /// Runs `step` in a later turn, unless the store has gone by then.
  void later(std::move_only_function<void()> step);
  void begin_batch();
  void end_batch();
  void try_to_recover();
  void watch_for_recovery();

  Loop& loop_;
  MemoryKv& disk_;
  CommitDelay delay_;
  Treat treat_;
  NearKv near_;
  MonoTime last_tick_{};
  LogEngine engine_;
  Batches batches_;
  Tasks arrived_;
  Tasks running_;
  bool is_busy_ = false;
  std::size_t waiting_ = 0;
  std::uint64_t tasks_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::unique_ptr<Timer> commit_timer_;
  std::unique_ptr<Timer> recovery_timer_;
};

}  // namespace xion::sim
