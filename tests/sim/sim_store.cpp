#include "sim/sim_store.h"

#include <algorithm>
#include <utility>

namespace xion::sim {
namespace {

constexpr Millis retry_after{1'000};
constexpr Millis tick_period{1'000};
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
                                                                        const Digest& check_value, CommitDelay delay,
                                                                        NearLimits near, Treat treat, Vault* vault) {
  std::unique_ptr<SimStore> store(new SimStore(loop, disk, std::move(delay), near, std::move(treat), vault));
  try {
    if (auto opened = store->engine_.open(check_value, loop.wall_now()); !opened)
      return std::unexpected(opened.error());
  } catch (const StoreFailure& failure) {
    return std::unexpected(StoreOpenError{failure.what()});
  }
  return store;
}

SimStore::SimStore(Loop& loop, MemoryKv& disk, CommitDelay delay, NearLimits near, Treat treat, Vault* vault)
    : loop_(loop),
      disk_(disk),
      delay_(std::move(delay)),
      treat_(std::move(treat)),
      near_(disk, near),
      last_tick_(loop.now()),
      engine_(near_, small_runs),
      batches_(engine_, disk, retry_after, vault),
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
  if (treat_) treat_(running_, arrived_);
  if (batches_.is_writable() && loop_.now() >= last_tick_ + tick_period) {
    last_tick_ = loop_.now();
    near_.tick();
  }
  batches_.start(running_, loop_.wall_now(), loop_.now());
  commit_timer_->start(batches_.is_writable() ? delay_() : Millis{0});  // In trouble nothing is committed.
}

/// The batch is told in a turn of its own: a crash can fall between the commit and the telling.
void SimStore::end_batch() {
  auto outcome = batches_.finish(running_, loop_.wall_now(), loop_.now());
  if (batches_.is_writable()) tasks_ += running_.size();
  watch_for_recovery();
  later([this, batch = std::exchange(running_, {}), commits = std::move(outcome.commits)] {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      --waiting_;
      batch[i]->done(commits[i]);
    }
  });
  is_busy_ = !arrived_.empty();
  if (is_busy_) later([this] { begin_batch(); });
}

void SimStore::watch_for_recovery() {
  if (const auto next = batches_.next_try())
    recovery_timer_->start(std::max(*next - loop_.now(), Millis{0}));
  else
    recovery_timer_->stop();
}

void SimStore::try_to_recover() {
  batches_.try_to_recover(loop_.wall_now(), loop_.now());
  watch_for_recovery();
}

StoreStatus SimStore::status() const {
  StoreStatus status;
  status.is_writable = batches_.is_writable();
  status.trouble = batches_.is_writable() ? engine_.trouble() : batches_.trouble();
  status.commits = disk_.commits();
  status.tasks = tasks_;
  status.requests = engine_.requests();
  return status;
}

}  // namespace xion::sim
