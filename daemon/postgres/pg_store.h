#pragma once
#include <atomic>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/commit_times.h"
#include "base/histogram.h"
#include "ports/store.h"
#include "ports/vault.h"
#include "postgres/pg_rows.h"
#include "postgres/store_loop.h"
#include "shared/shared_engine.h"

namespace xion {

struct PgStoreSettings {
  PgRows::Settings rows;
  /// Of this node, among those that share the database; empty: it is the only one.
  std::string node{};
  Millis lease{5'000};  ///< So long it may be silent before others take it for dead.
  /// Of the vault: kept in a new store, compared with a kept one.
  Digest check_value{};
  /// For the store's thread: see `Txn`.
  Vault* vault = nullptr;
  /// So long a start waits for the database.
  Millis patience{30'000};
  /// Told on the loop thread, once: another process writes to the store now, and this one can't any more.
  std::function<void()> taken_over = [] {};
  /// Told on the loop thread: `SharedEngine::Settings::kept_after_all`.
  std::function<void(std::vector<ThingName>)> kept_after_all = [](std::vector<ThingName>) {};
  /// Told on the loop thread: another node changed these.
  std::function<void(std::vector<ThingName>)> changed_elsewhere = [](std::vector<ThingName>) {};
  /// It is opened to be copied to or from; otherwise it is in use from now on, and takes no copy any more.
  bool is_for_copy = false;
};

struct PgOpenError {
  std::string text;       ///< One line.
  bool may_pass = false;  ///< By itself: nobody is there now, or somebody else is.
};

/// The store in a PostgreSQL database: a shared engine on a thread of its own, and another one that speaks to the
/// server. While nobody is there tasks fail at once; when somebody is again they go on by themselves.
class PgStore final : public Store {
 public:
  /// Runs work on the loop thread, later, in order: `Loop::post`. Called from the store's thread.
  using Post = std::function<void(std::move_only_function<void()>)>;
  /// Runs work on the loop thread when the turn of the loop is over: what a turn submits is one batch.
  using AtTurnEnd = std::function<void(std::move_only_function<void()>)>;

  /// Connects and begins this node's life.
  static std::expected<std::unique_ptr<PgStore>, PgOpenError> open(PgStoreSettings settings, Post post,
                                                                   AtTurnEnd at_turn_end);
  /// Commits what was submitted, if somebody is there; what it tells the loop by then may still be run.
  ~PgStore() override;

  void submit(std::unique_ptr<Task> task) override;
  std::size_t waiting() const override { return *waiting_; }
  StoreStatus status() const override;
  /// As it was when the store was opened; nothing: there was no rotation yet.
  const std::optional<std::string>& key_ring() const { return key_ring_; }
  /// That began when it was opened.
  NodeLife life() const { return life_; }

 private:
  using Tasks = std::vector<std::unique_ptr<Task>>;
  class Forwarded;
  /// Rows that look at the clock when something is committed.
  class TimedRows final : public Rows {
   public:
    TimedRows(Rows& rows, std::function<void(std::chrono::steady_clock::duration)> committed)
        : rows_(rows), committed_(std::move(committed)) {}
    void join(NodeId node, Done<std::optional<NodeLife>> done) override { rows_.join(node, std::move(done)); }
    void fetch(RowWants wants, Done<std::optional<FetchedRows>> done) override {
      rows_.fetch(std::move(wants), std::move(done));
    }
    void commit(RowCommit commit, Done<CommitOutcome> done) override;
    void resolve(NodeLife life, Done<Resolved> done) override { rows_.resolve(life, std::move(done)); }
    void note(RowNotes notes, Done<CommitOutcome> done) override { rows_.note(std::move(notes), std::move(done)); }

   private:
    Rows& rows_;
    const std::function<void(std::chrono::steady_clock::duration)> committed_;
  };

  PgStore(PgStoreSettings settings, Post post, AtTurnEnd at_turn_end);
  std::expected<void, PgOpenError> start();
  void run();
  std::function<void(std::vector<ThingName>)> to_loop(std::function<void(std::vector<ThingName>)> told);
  void hand_over();
  void hand_back(std::shared_ptr<Task> task, Commit commit);
  void note_commit(std::chrono::steady_clock::duration took);
  void note_kept_out(std::string why);
  std::string kept_out() const;
  void publish_status();

  const PgStoreSettings settings_;
  const Post post_;
  const AtTurnEnd at_turn_end_;
  StoreLoop loop_;
  PgRows rows_;
  PgRows reads_;  ///< Of tasks that only read: nobody's commit waits for them.
  TimedRows timed_;
  SharedEngine engine_;  ///< Of the store's thread, once that runs.
  std::optional<std::string> key_ring_;
  NodeLife life_;

  mutable std::mutex status_mutex_;
  StoreStatus status_;
  std::string kept_out_;  ///< Why it does not join others.
  CommitTimes commit_times_;
  Histogram commit_seconds_{short_times};

  Tasks gathered_;  ///< Of this turn of the loop.
  /// Of this turn of the store's thread; they go back together, so that the loop is woken once.
  std::vector<std::pair<std::shared_ptr<Task>, Commit>> told_;
  /// Shared with the answers on their way back, which may arrive after the store has gone.
  std::shared_ptr<std::atomic<std::size_t>> waiting_ = std::make_shared<std::atomic<std::size_t>>(0);
  bool is_stopping_ = false;  ///< Of the store's thread.
  bool is_taken_over_ = false;
  std::thread thread_;
};

}  // namespace xion
