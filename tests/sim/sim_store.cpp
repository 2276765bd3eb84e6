#include "sim/sim_store.h"

#include <utility>

namespace xion::sim {
namespace {

constexpr Millis retry_after{1'000};
/// So small that what a seed sends is sealed, merged and dropped.
constexpr RunSizes small_runs{.near_entries = 96,
                              .step_entries = 16,
                              .seal_entries = 48,
                              .merge_entries = 128,
                              .erased_rows = 8,
                              .fan_in = 3,
                              .filter_octets = 8 * RunFilter::group_octets};

}  // namespace

std::expected<std::unique_ptr<SimStore>, StoreOpenError> SimStore::open(Loop& loop, MemoryKv& disk,
                                                                        const Digest& check_value, CommitDelay delay) {
  std::unique_ptr<SimStore> store(new SimStore(loop, disk, std::move(delay)));
  try {
    if (auto opened = store->engine_.open(check_value, loop.wall_now()); !opened)
      return std::unexpected(opened.error());
  } catch (const StoreFailure& failure) {
    return std::unexpected(StoreOpenError{failure.what()});
  }
  return store;
}

SimStore::SimStore(Loop& loop, MemoryKv& disk, CommitDelay delay)
    : loop_(loop),
      disk_(disk),
      delay_(std::move(delay)),
      engine_(disk, small_runs),
      commit_timer_(loop.timer([this] { end_batch(); })),
      recovery_timer_(loop.timer([this] { try_to_recover(); })) {}

SimStore::~SimStore() { disk_.crash(); }

void SimStore::later(std::move_only_function<void()> step) {
  loop_.post([alive = std::weak_ptr(alive_), step = std::move(step)]() mutable {
    if (!alive.expired()) step();
  });
}

void SimStore::submit(std::unique_ptr<Task> task) {
  ++waiting_;
  arrived_.push_back(std::move(task));
  if (!std::exchange(is_busy_, true)) later([this] { begin_batch(); });
}

void SimStore::begin_batch() {
  running_ = std::exchange(arrived_, {});
  if (!trouble_.empty()) return hand_back(Commit::failed);
  try {
    engine_.apply(running_, loop_.wall_now());
    commit_timer_->start(delay_());
  } catch (const StoreFailure& failure) {
    fall_into_trouble(failure.what());
  }
}

void SimStore::end_batch() {
  try {
    engine_.commit(running_, loop_.wall_now());
    hand_back(Commit::durable);
  } catch (const StoreFailure& failure) {
    fall_into_trouble(failure.what());
  }
}

/// The batch is told in a turn of its own: a crash can fall between the commit and the telling.
void SimStore::hand_back(Commit commit) {
  if (commit == Commit::durable) tasks_ += running_.size();
  later([this, batch = std::exchange(running_, {}), commit] {
    for (const auto& task : batch) {
      --waiting_;
      task->done(commit);
    }
  });
  is_busy_ = !arrived_.empty();
  if (is_busy_) later([this] { begin_batch(); });
}

void SimStore::fall_into_trouble(std::string why) {
  trouble_ = std::move(why);
  recovery_timer_->start(retry_after);
  hand_back(Commit::failed);
}

void SimStore::try_to_recover() {
  try {
    engine_.recover(loop_.wall_now());
    trouble_.clear();
  } catch (const StoreFailure& failure) {
    trouble_ = failure.what();
    recovery_timer_->start(retry_after);
  }
}

StoreStatus SimStore::status() const {
  StoreStatus status;
  status.is_writable = trouble_.empty();
  status.trouble = trouble_.empty() ? engine_.trouble() : trouble_;
  status.commits = disk_.commits();
  status.tasks = tasks_;
  status.requests = engine_.requests();
  return status;
}

}  // namespace xion::sim
