#include "lmdb/lmdb_store.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <future>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "lmdb/disk_room.h"

namespace xion {
namespace {

constexpr std::chrono::seconds tick_period{1};

MonoTime steady_now() {
  return MonoTime{std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch())};
}

}  // namespace

std::string LmdbStore::DataDisk::why_no_room() { return xion::why_no_room(directory_); }

std::expected<std::unique_ptr<LmdbStore>, StoreOpenError> LmdbStore::open(LmdbSettings settings, Post post,
                                                                          AtTurnEnd at_turn_end) {
  auto lock = DataLock::take(settings.directory);
  if (!lock) return std::unexpected(StoreOpenError{lock.error()});
  Compaction::remove_leftover(settings.directory);
  const auto began = std::chrono::steady_clock::now();
  try {
    const Digest check_value = settings.check_value;
    std::unique_ptr<LmdbStore> store(
        new LmdbStore(std::move(settings), std::move(post), std::move(at_turn_end), std::move(*lock)));
    if (auto opened = store->engine_.open(check_value, store->settings_.now()); !opened)
      return std::unexpected(StoreOpenError{store->settings_.directory + "/data.mdb: " + opened.error().text});
    store->publish_status();
    store->thread_ = std::thread([&store = *store] { store.run(); });
    const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - began);
    log::info("store.opened", "directory={} requests={} took_ms={}", store->settings_.directory,
              store->engine_.requests(), took.count());
    return store;
  } catch (const StoreFailure& failure) {
    return std::unexpected(StoreOpenError{failure.what()});
  }
}

LmdbStore::LmdbStore(LmdbSettings settings, Post post, AtTurnEnd at_turn_end, DataLock lock)
    : settings_(std::move(settings)),
      post_(std::move(post)),
      at_turn_end_(std::move(at_turn_end)),
      lock_(std::move(lock)),
      kv_(settings_.directory, settings_.map_octets),
      near_(kv_, settings_.near),
      engine_(near_),
      disk_(kv_, settings_.directory),
      batches_(engine_, disk_, settings_.retry_after, settings_.vault) {}

LmdbStore::~LmdbStore() {
  kv_.end_copies();
  if (copier_.joinable()) copier_.join();
  hand_over();
  {
    const std::lock_guard guard(mailbox_mutex_);
    is_stopping_ = true;
  }
  mailbox_filled_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void LmdbStore::submit(std::unique_ptr<Task> task) {
  ++*waiting_;
  gathered_.push_back(std::move(task));
  if (gathered_.size() == 1) at_turn_end_([this] { hand_over(); });
}

void LmdbStore::hand_over() {
  if (gathered_.empty()) return;
  {
    const std::lock_guard guard(mailbox_mutex_);
    if (mailbox_.empty()) rides_until_ = std::chrono::steady_clock::now() + settings_.rides_for;
    in_haste_ += static_cast<std::size_t>(std::ranges::count(gathered_, Haste::now, &Task::haste));
    std::ranges::move(gathered_, std::back_inserter(mailbox_));
  }
  gathered_.clear();
  mailbox_filled_.notify_one();
}

void LmdbStore::copy_to(std::shared_ptr<OpenFile> socket, CopyDone done,
                        std::function<void(std::string_view octets)> tap) {
  if (*is_copying_) return done(std::unexpected("a backup or a compaction is under way already"));
  if (copier_.joinable()) copier_.join();
  *is_copying_ = true;
  copier_ = std::thread([this, socket = std::move(socket), done = std::move(done), tap = std::move(tap)]() mutable {
    pthread_setname_np(pthread_self(), "xiond-backup");
    std::expected<void, std::string> outcome;
    try {
      kv_.copy_to(socket->get(), std::move(tap));
    } catch (const StoreFailure& failure) {
      outcome = std::unexpected(failure.what());
    }
    socket->close();
    post_([is_copying = is_copying_, done = std::move(done), outcome = std::move(outcome)]() mutable {
      *is_copying = false;
      done(std::move(outcome));
    });
  });
}

void LmdbStore::compact(CompactDone done) {
  if (*is_copying_) return done(std::unexpected("a backup or a compaction is under way already"));
  if (copier_.joinable()) copier_.join();
  *is_copying_ = true;
  copier_ = std::thread([this, done = std::move(done)]() mutable {
    pthread_setname_np(pthread_self(), "xiond-compact");
    std::expected<Compacted, std::string> outcome;
    try {
      outcome = compact_on_this_thread();
    } catch (const StoreFailure& failure) {
      outcome = std::unexpected(failure.what());
    }
    post_([is_copying = is_copying_, done = std::move(done), outcome = std::move(outcome)]() mutable {
      *is_copying = false;
      done(std::move(outcome));
    });
  });
}

Compacted LmdbStore::compact_on_this_thread() {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  Compaction compaction(kv_, settings_.directory, settings_.on_compaction);
  Compacted compacted;
  try {
    // What is in the journal still would be copied with it, rows that were erased since too.
    between_batches([&] {
      fold_all();
      compaction.begin();
    });
    compaction.prepare();
    between_batches([&] {
      const auto paused = Clock::now();
      compaction.finish();
      kv_.follow(nullptr);
      compacted.paused_ms = std::chrono::duration<double, std::milli>(Clock::now() - paused).count();
    });
  } catch (const StoreFailure&) {
    between_batches([&] { kv_.follow(nullptr); });
    throw;
  }
  compacted.octets_before = compaction.octets_before();
  compacted.octets_after = compaction.octets_after();
  compacted.octets_caught_up = compaction.octets_caught_up();
  compacted.took = std::chrono::duration_cast<Millis>(Clock::now() - began);
  return compacted;
}

/// Has `work` done by the store's thread while no transaction is open, and waits for it; throws what it throws.
void LmdbStore::between_batches(const std::function<void()>& work) {
  const auto done = std::make_shared<std::promise<void>>();  // Both threads are in it when it is kept.
  {
    const std::lock_guard guard(mailbox_mutex_);
    between_ = [&work, done] {
      try {
        work();
        done->set_value();
      } catch (const StoreFailure&) {
        done->set_exception(std::current_exception());
      }
    };
  }
  mailbox_filled_.notify_one();
  done->get_future().get();
}

void LmdbStore::do_between_batches() {
  std::move_only_function<void()> work;
  {
    const std::lock_guard guard(mailbox_mutex_);
    work = std::exchange(between_, nullptr);
  }
  if (!work) return;
  work();
  publish_status();
}

StoreStatus LmdbStore::status() const {
  const std::lock_guard guard(status_mutex_);
  StoreStatus status = status_;
  status.commit_p50_ms = commit_times_.percentile(0.50);
  status.commit_p99_ms = commit_times_.percentile(0.99);
  return status;
}

void LmdbStore::run() {
  pthread_setname_np(pthread_self(), "xiond-store");
  for (Tasks arrived; wait_for_tasks(arrived); arrived.clear()) {
    do_between_batches();
    tick();
    if (arrived.empty() && engine_.has_unread_waiting()) commit({});
    work_off(std::move(arrived));
    if (batches_.is_writable()) continue;
    batches_.try_to_recover(settings_.now(), steady_now());
    publish_status();
  }
  fold_all();
}

/// Before an orderly end. Where it fails the journal has what was not folded, as after any other end.
void LmdbStore::fold_all() {
  if (!batches_.is_writable()) return;
  try {
    near_.fold_all();
  } catch (const StoreFailure& failure) {
    log::info("store.not_folded", "reason=\"{}\"", failure.what());
  }
}

/// Takes everything that arrived, once some of it is in haste or has waited long enough. In trouble, and while there is
/// work that was put off, it returns after a while with nothing, too; at once while there is something that a start
/// left to be read. False: there is no more to come.
bool LmdbStore::wait_for_tasks(Tasks& arrived) {
  std::unique_lock guard(mailbox_mutex_);
  const auto has_news = [&] { return has_arrived(); };
  if (!batches_.is_writable())
    mailbox_filled_.wait_for(guard, settings_.retry_after, has_news);
  else if (engine_.has_unread_waiting())
    mailbox_filled_.wait_for(guard, std::chrono::seconds{0}, has_news);
  else if (near_.has_put_off())
    mailbox_filled_.wait_for(guard, tick_period, has_news);
  else
    mailbox_filled_.wait(guard, has_news);
  if (!mailbox_.empty()) mailbox_filled_.wait_until(guard, rides_until_, [&] { return is_in_haste(); });
  std::swap(arrived, mailbox_);
  in_haste_ = 0;
  return !arrived.empty() || !is_stopping_;
}

/// Part of what was put off is done in each commit; where none comes, one is made for it.
void LmdbStore::tick() {
  const auto now = std::chrono::steady_clock::now();
  if (!batches_.is_writable() || now < last_tick_ + tick_period) return;
  last_tick_ = now;
  near_.tick();
  if (near_.has_work()) commit({});
}

void LmdbStore::work_off(Tasks arrived) {
  for (auto at = arrived.begin(); at != arrived.end();) {
    const auto end =
        at + std::min(std::distance(at, arrived.end()), static_cast<std::ptrdiff_t>(settings_.batch_limit));
    Tasks batch(std::make_move_iterator(at), std::make_move_iterator(end));
    at = end;
    auto outcomes = commit(batch);
    hand_back(std::move(batch), std::move(outcomes));
  }
}

std::vector<Commit> LmdbStore::commit(Batches::Batch batch) {
  const WallTime now = settings_.now();
  const bool was_writable = batches_.is_writable();
  batches_.start(batch, now, steady_now());
  const auto began = std::chrono::steady_clock::now();
  auto outcome = batches_.finish(batch, now, steady_now());
  const auto took = std::chrono::steady_clock::now() - began;
  if (batches_.is_writable()) {
    const std::lock_guard guard(status_mutex_);
    status_.tasks += batch.size();
    if (outcome.has_committed) {
      ++status_.commits;
      commit_times_.add(took);
      status_.commit_times.observe(std::chrono::duration<double>(took).count());
      status_.batch_tasks.observe(static_cast<double>(batch.size()));
    }
  }
  if (was_writable) publish_status();
  return std::move(outcome.commits);
}

/// One post for a batch: the loop is woken once. The tasks die on the loop thread, with all that they captured there.
void LmdbStore::hand_back(Tasks batch, std::vector<Commit> outcomes) {
  post_([batch = std::move(batch), outcomes = std::move(outcomes), waiting = waiting_] {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      --*waiting;
      batch[i]->done(outcomes[i]);
    }
  });
}

void LmdbStore::publish_status() {
  const std::lock_guard guard(status_mutex_);
  status_.is_writable = batches_.is_writable();
  status_.trouble = batches_.is_writable() ? engine_.trouble() : batches_.trouble();
  status_.data_octets = kv_.data_octets();
  status_.map_octets = kv_.map_octets();
  status_.requests = engine_.requests();
}

}  // namespace xion
