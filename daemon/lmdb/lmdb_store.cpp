#include "lmdb/lmdb_store.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"
#include "lmdb/disk_room.h"

namespace xion {
namespace {

constexpr std::chrono::seconds tick_period{1};

}  // namespace

std::expected<std::unique_ptr<LmdbStore>, StoreOpenError> LmdbStore::open(LmdbSettings settings, Post post,
                                                                          AtTurnEnd at_turn_end) {
  auto lock = DataLock::take(settings.directory);
  if (!lock) return std::unexpected(StoreOpenError{lock.error()});
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
      engine_(near_) {}

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
    std::ranges::move(gathered_, std::back_inserter(mailbox_));
  }
  gathered_.clear();
  mailbox_filled_.notify_one();
}

void LmdbStore::copy_to(std::shared_ptr<OpenFile> socket, CopyDone done) {
  if (*is_copying_) return done(std::unexpected("a backup is being made already"));
  if (copier_.joinable()) copier_.join();
  *is_copying_ = true;
  copier_ = std::thread([this, socket = std::move(socket), done = std::move(done)]() mutable {
    pthread_setname_np(pthread_self(), "xiond-backup");
    std::expected<void, std::string> outcome;
    try {
      kv_.copy_to(socket->get());
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
    tick();
    work_off(std::move(arrived));
    if (!trouble_.empty()) try_to_recover();
  }
}

/// Takes everything that arrived. In trouble, and while there is work that was put off, it returns after a while with
/// nothing, too. False: there is no more to come.
bool LmdbStore::wait_for_tasks(Tasks& arrived) {
  std::unique_lock guard(mailbox_mutex_);
  const auto has_news = [&] { return !mailbox_.empty() || is_stopping_; };
  if (!trouble_.empty())
    mailbox_filled_.wait_for(guard, settings_.retry_after, has_news);
  else if (near_.has_put_off())
    mailbox_filled_.wait_for(guard, tick_period, has_news);
  else
    mailbox_filled_.wait(guard, has_news);
  std::swap(arrived, mailbox_);
  return !arrived.empty() || !is_stopping_;
}

/// Part of what was put off is done in each commit; where none comes, one is made for it.
void LmdbStore::tick() {
  const auto now = std::chrono::steady_clock::now();
  if (!trouble_.empty() || now < last_tick_ + tick_period) return;
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
    auto outcomes = trouble_.empty() ? std::vector(batch.size(), commit(batch)) : read(batch);
    hand_back(std::move(batch), std::move(outcomes));
  }
}

Commit LmdbStore::commit(LogEngine::Batch batch) {
  try {
    const WallTime now = settings_.now();
    engine_.apply(batch, now);
    const auto began = std::chrono::steady_clock::now();
    const bool has_committed = engine_.commit(batch, now);
    const auto took = std::chrono::steady_clock::now() - began;
    {
      const std::lock_guard guard(status_mutex_);
      status_.tasks += batch.size();
      if (has_committed) {
        ++status_.commits;
        commit_times_.add(took);
        status_.commit_times.observe(std::chrono::duration<double>(took).count());
        status_.batch_tasks.observe(static_cast<double>(batch.size()));
      }
    }
    publish_status();
    return Commit::durable;
  } catch (const StoreFailure& failure) {
    fall_into_trouble(failure.what(), batch.size());
    return Commit::failed;
  }
}

/// Where nothing can be written: each for itself, so that one that wants to write fails alone.
std::vector<Commit> LmdbStore::read(LogEngine::Batch batch) {
  std::vector<Commit> outcomes(batch.size(), Commit::failed);
  const WallTime now = settings_.now();
  for (std::size_t i = 0; i < batch.size() && is_readable_; ++i) {
    try {
      if (engine_.read(*batch[i], now)) outcomes[i] = Commit::durable;
    } catch (const StoreFailure& failure) {
      is_readable_ = false;
      trouble_ = fmt::format("down: {}", failure.what());
    }
  }
  return outcomes;
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

void LmdbStore::fall_into_trouble(const std::string& why, std::size_t tasks) {
  log::error("store.trouble", "reason=\"{}\" lost_tasks={}", why, tasks);
  in_trouble_since_ = std::chrono::steady_clock::now();
  read_on(why);
  publish_status();
}

/// After a commit that failed LMDB wants its file opened anew, and the indexes have seen what was not written.
void LmdbStore::read_on(const std::string& why) {
  const bool is_news = trouble_.empty() || !is_readable_;
  try {
    kv_.reopen();
    engine_.reload(settings_.now());
    const std::string full = why_no_room(settings_.directory);
    trouble_ = fmt::format("read-only: {}", full.empty() ? why : full);
    is_readable_ = true;
    if (is_news) log::error("store.read_only", "reason=\"{}\"", full.empty() ? why : full);
  } catch (const StoreFailure& failure) {
    trouble_ = fmt::format("down: {}", failure.what());
    is_readable_ = false;
  }
  last_try_ = std::chrono::steady_clock::now();
}

/// The disk is not tried more often than every `retry_after`.
void LmdbStore::try_to_recover() {
  const auto now = std::chrono::steady_clock::now();
  if (now < last_try_ + settings_.retry_after) return;
  last_try_ = now;
  try {
    if (const std::string full = why_no_room(settings_.directory); !full.empty()) {
      if (is_readable_)
        trouble_ = fmt::format("read-only: {}", full);
      else
        read_on(full);
      return publish_status();
    }
    if (!is_readable_) kv_.reopen();
    engine_.recover(settings_.now());
    trouble_.clear();
    is_readable_ = true;
    log::info("store.recovered", "after_ms={}", std::chrono::duration_cast<Millis>(now - in_trouble_since_).count());
  } catch (const StoreFailure& failure) {
    read_on(failure.what());
  }
  publish_status();
}

void LmdbStore::publish_status() {
  const std::lock_guard guard(status_mutex_);
  status_.is_writable = trouble_.empty();
  status_.trouble = trouble_.empty() ? engine_.trouble() : trouble_;
  status_.data_octets = kv_.data_octets();
  status_.map_octets = kv_.map_octets();
  status_.requests = engine_.requests();
}

}  // namespace xion
