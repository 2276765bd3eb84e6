#include "postgres/pg_store.h"

#include <pthread.h>

#include <future>
#include <utility>

#include <fmt/format.h>

#include "base/log.h"

namespace xion {
namespace {

/// Beside the one that writes, which makes the tables.
PgRows::Settings for_reading(PgRows::Settings settings) {
  settings.target.use = pg::session_that_reads;
  return settings;
}

/// What a start asks of the store before anything else.
struct Adopted {
  bool is_ours = false;
  std::string unread{};  ///< What others wrote that this release doesn't read; empty: nothing.
  NodeLife life{};
  std::optional<std::string> key_ring{};
  bool is_whole = true;
};

}  // namespace

/// A task of the loop thread on the store's: it dies on the loop thread, with all that it captured there.
class PgStore::Forwarded final : public Task {
 public:
  Forwarded(PgStore& store, std::unique_ptr<Task> task) : store_(store), task_(std::move(task)) {}
  void apply(Txn& txn) override { task_->apply(txn); }
  void done(Commit commit) override { store_.hand_back(std::move(task_), commit); }
  void foresee(Reads& reads) const override { task_->foresee(reads); }
  bool is_patient() const override { return task_->is_patient(); }
  /// Loses nothing where the store ends before the loop comes to it.
  void in_doubt() override {
    store_.post_([task = task_] { task->in_doubt(); });
  }
  bool only_reads() const override { return task_->only_reads(); }

 private:
  PgStore& store_;
  std::shared_ptr<Task> task_;
};

void PgStore::TimedRows::commit(RowCommit commit, Done<CommitOutcome> done) {
  const auto began = std::chrono::steady_clock::now();
  rows_.commit(std::move(commit), [this, began, done = std::move(done)](CommitOutcome outcome) mutable {
    if (outcome == CommitOutcome::kept) committed_(std::chrono::steady_clock::now() - began);
    done(outcome);
  });
}

std::expected<std::unique_ptr<PgStore>, PgOpenError> PgStore::open(PgStoreSettings settings, Post post,
                                                                   AtTurnEnd at_turn_end) {
  const auto began = std::chrono::steady_clock::now();
  std::unique_ptr<PgStore> store(new PgStore(std::move(settings), std::move(post), std::move(at_turn_end)));
  if (auto started = store->start(); !started) return std::unexpected(std::move(started.error()));
  const auto took = std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - began);
  log::info("store.opened", "server={} schema={} took_ms={}", store->rows_.facts().server,
            store->settings_.rows.target.schema, took.count());
  return store;
}

PgStore::PgStore(PgStoreSettings settings, Post post, AtTurnEnd at_turn_end)
    : settings_(std::move(settings)),
      post_(std::move(post)),
      at_turn_end_(std::move(at_turn_end)),
      rows_(settings_.rows, [this](std::move_only_function<void()> work) { loop_.post(std::move(work)); }),
      reads_(for_reading(settings_.rows),
             [this](std::move_only_function<void()> work) { loop_.post(std::move(work)); }),
      timed_(rows_, [this](auto took) { note_commit(took); }),
      engine_(loop_, timed_,
              {.name = settings_.node,
               .reads = &reads_,
               .lease = settings_.lease,
               .kept_out = [this](std::string why) { note_kept_out(std::move(why)); },
               .changed_elsewhere = to_loop(settings_.changed_elsewhere),
               .status_changed = [this] { publish_status(); },
               .kept_after_all = to_loop(settings_.kept_after_all)},
              settings_.vault) {
  publish_status();
}

std::function<void(std::vector<ThingName>)> PgStore::to_loop(std::function<void(std::vector<ThingName>)> told) {
  return [this, told = std::move(told)](std::vector<ThingName> things) {
    post_([told, things = std::move(things)]() mutable { told(std::move(things)); });
  };
}

PgStore::~PgStore() {
  hand_over();
  loop_.post([this] { is_stopping_ = true; });
  if (thread_.joinable()) thread_.join();
}

/// The error where nobody was there in time is what the last try said.
std::expected<void, PgOpenError> PgStore::start() {
  auto adopted = std::make_shared<std::promise<std::optional<Adopted>>>();
  auto answer = adopted->get_future();
  loop_.post([this, adopted] {
    engine_.open();
    run_task(
        engine_,
        [this](Txn& txn) {
          Adopted found{.is_ours = txn.adopt(settings_.check_value),
                        .life = engine_.life(),
                        .key_ring = txn.key_ring(settings_.check_value)};
          if (found.is_ours) found.unread = txn.note_formats();
          found.is_whole = settings_.is_for_copy || txn.end_import();
          return found;
        },
        [adopted](Commit commit, Adopted& found) {
          adopted->set_value(commit == Commit::durable ? std::optional(std::move(found)) : std::nullopt);
        });
  });
  thread_ = std::thread([this] { run(); });
  const auto until = std::chrono::steady_clock::now() + settings_.patience;
  constexpr Millis between_looks{100};
  while (answer.wait_for(between_looks) != std::future_status::ready) {
    if (std::string why = kept_out(); !why.empty()) return std::unexpected(PgOpenError{std::move(why), true});
    const PgRows::Facts facts = rows_.facts();
    if (!facts.is_for_good && std::chrono::steady_clock::now() < until) continue;
    return std::unexpected(PgOpenError{facts.trouble.empty() ? "the database does not answer" : facts.trouble, true});
  }
  const auto found = answer.get();
  if (!found)
    return std::unexpected(PgOpenError{fmt::format("the database can't be used: {}", rows_.facts().trouble), true});
  if (!found->is_ours)
    return std::unexpected(
        PgOpenError{"the master key is not the one that the store was made with: bring back the old key file, or "
                    "restore it from a backup"});
  if (!found->unread.empty())
    return std::unexpected(PgOpenError{fmt::format(
        "a newer release wrote to the store, with {}: start that release, or the one before it", found->unread)});
  if (!found->is_whole)
    return std::unexpected(
        PgOpenError{"an import into this database was not finished: run `xionctl store import` again, or drop its "
                    "schema"});
  key_ring_ = found->key_ring;
  life_ = found->life;
  return {};
}

// --- on the store's thread ------------------------------------------------------------------------------------------

/// What waits for a database that is not there fails soon; what is in doubt is waited for as long as the engine does.
void PgStore::run() {
  pthread_setname_np(pthread_self(), "xiond-store");
  loop_.run_until([this] {
    if (!told_.empty()) {
      post_([told = std::exchange(told_, {}), waiting = waiting_] {
        for (const auto& [task, commit] : told) {
          --*waiting;
          task->done(commit);
        }
      });
    }
    return is_stopping_ && (engine_.waiting() == 0 || !engine_.is_open());
  });
  if (engine_.is_open()) rows_.leave(engine_.life());
}

void PgStore::hand_back(std::shared_ptr<Task> task, Commit commit) { told_.emplace_back(std::move(task), commit); }

void PgStore::note_commit(std::chrono::steady_clock::duration took) {
  const std::lock_guard guard(status_mutex_);
  commit_times_.add(took);
  commit_seconds_.observe(std::chrono::duration<double>(took).count());
}

void PgStore::note_kept_out(std::string why) {
  const std::lock_guard guard(status_mutex_);
  kept_out_ = std::move(why);
}

std::string PgStore::kept_out() const {
  const std::lock_guard guard(status_mutex_);
  return kept_out_;
}

void PgStore::publish_status() {
  StoreStatus status = engine_.status();
  const PgRows::Facts facts = rows_.facts();
  status.database->server = facts.server;
  status.database->reason = facts.trouble;
  status.database->has_standby = facts.has_standby;
  {
    const std::lock_guard guard(status_mutex_);
    status.commit_times = commit_seconds_;
    status_ = std::move(status);
  }
  if (engine_.is_fenced() && !std::exchange(is_taken_over_, true)) post_([told = settings_.taken_over] { told(); });
}

// --- on the loop thread ---------------------------------------------------------------------------------------------

void PgStore::submit(std::unique_ptr<Task> task) {
  ++*waiting_;
  gathered_.push_back(std::move(task));
  if (gathered_.size() == 1) at_turn_end_([this] { hand_over(); });
}

void PgStore::hand_over() {
  if (gathered_.empty()) return;
  loop_.post([this, tasks = std::exchange(gathered_, {})]() mutable {
    for (auto& task : tasks) engine_.submit(std::make_unique<Forwarded>(*this, std::move(task)));
  });
}

StoreStatus PgStore::status() const {
  const std::lock_guard guard(status_mutex_);
  StoreStatus status = status_;
  status.commit_p50_ms = commit_times_.percentile(0.50);
  status.commit_p99_ms = commit_times_.percentile(0.99);
  return status;
}

}  // namespace xion
