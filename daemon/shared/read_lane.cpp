#include "shared/read_lane.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace xion {
namespace {

/// More than wait at once, as a rule; so nobody waits for the whole of a crowd.
constexpr std::size_t readers_of_batch = 64;
/// A connection may have been lost since it was used last.
constexpr unsigned fetch_tries = 2;

}  // namespace

ReadLane::ReadLane(Loop& loop, Rows& rows, const RowCache& things, RowView& others, SharedRecords& records,
                   Vault* vault, Host host)
    : loop_(loop),
      rows_(rows),
      others_(others),
      records_(records),
      txn_(records, vault),
      host_(std::move(host)),
      cache_(&things) {}

void ReadLane::submit(std::unique_ptr<Task> task) {
  arrived_.push_back(std::move(task));
  begin_soon();
}

/// Those that come in the same turn are read for together.
void ReadLane::begin_soon() {
  if (arrived_.empty() || std::exchange(is_busy_, true)) return;
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) begin();
  });
}

void ReadLane::begin() {
  const auto end = arrived_.begin() + static_cast<std::ptrdiff_t>(std::min(readers_of_batch, arrived_.size()));
  batch_.assign(std::make_move_iterator(arrived_.begin()), std::make_move_iterator(end));
  arrived_.erase(arrived_.begin(), end);
  now_ = loop_.wall_now();
  cache_.forget_all();
  cache_.begin_round();
  view_.begin_batch(false);
  run();
}

void ReadLane::run() {
  Tasks told, unread;
  missing_ = {};
  records_.look_through(view_);
  for (auto& task : batch_) {
    switch (run_one(*task)) {
      case Ran::whole: told.push_back(std::move(task)); break;
      case Ran::unread: unread.push_back(std::move(task)); break;
      case Ran::not_here: host_.hand_over(std::move(task)); break;
    }
  }
  records_.look_through(others_);
  batch_ = std::move(unread);
  host_.tell(std::move(told), Commit::durable);
  if (!batch_.empty()) return fetch(std::exchange(missing_, {}), fetch_tries);
  end_batch();
}

void ReadLane::fail() {
  host_.tell(std::exchange(batch_, {}), Commit::failed);
  end_batch();
}

void ReadLane::end_batch() {
  is_busy_ = false;
  begin_soon();
}

ReadLane::Ran ReadLane::run_one(Task& task) {
  view_.begin_task();
  records_.begin(now_);
  txn_.begin(now_);
  Ran ran = Ran::whole;
  try {
    task.apply(txn_);
    records_.finish();
    if (view_.has_task_changed()) ran = Ran::not_here;
  } catch (const Unread&) {
    const WantedRows missing = view_.missing();
    const bool is_here = !missing.is_empty() && !missing.has(RowTable::things);
    ran = is_here ? Ran::unread : Ran::not_here;
    if (is_here) missing_.add(missing);
  }
  view_.drop_task();
  return ran;
}

void ReadLane::fetch(WantedRows wanted, unsigned tries_left) {
  ++fetches_;
  RowWants wants = wants_of(wanted);
  rows_.fetch(std::move(wants), [this, alive = std::weak_ptr(alive_), wanted = std::move(wanted),
                                 tries_left](std::optional<FetchedRows> fetched) mutable {
    if (alive.expired()) return;
    if (!host_.is_serving()) return fail();
    if (fetched) {
      view_.learn(wanted, *fetched);
      return run();
    }
    if (tries_left > 1) return fetch(std::move(wanted), tries_left - 1);
    fail();
  });
}

}  // namespace xion
