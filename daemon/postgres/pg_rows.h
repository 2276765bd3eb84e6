#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "ports/rows.h"
#include "postgres/pg_session.h"

namespace xion {

/// Rows in a PostgreSQL database. A thread of its own speaks to the server, and waits for it; it connects when it is
/// asked something, and again after a connection was lost.
class PgRows final : public Rows {
 public:
  struct Settings {
    pg::Session::Target target;
    bool creates = false;              ///< Makes tables that are not there.
    bool warns_of_no_standby = false;  ///< Where commits wait for none.
    /// So long nothing must have been written by another process that is this node, before it is taken for dead. One of
    /// this machine that is gone, and one that ended in order, needn't be waited for. 0: whatever it is.
    Millis takes_after{5'000};
  };
  /// `post` brings an answer to the thread that asks.
  using Post = std::function<void(std::move_only_function<void()>)>;

  PgRows(Settings settings, Post post);
  /// Waits for what is asked to be over; its answer may still be posted.
  ~PgRows() override;

  void join(NodeId node, Done<std::optional<NodeLife>> done) override;
  void fetch(RowWants wants, Done<std::optional<FetchedRows>> done) override;
  void commit(RowCommit commit, Done<CommitOutcome> done) override;
  void resolve(NodeLife life, Done<Resolved> done) override;
  void note(RowNotes notes, Done<CommitOutcome> done) override;
  /// That life ends in order: nobody need wait for it. After it nothing is asked.
  void leave(NodeLife life);

  /// How it was when it was last asked. From any thread.
  struct Facts {
    std::string server;  ///< "host:port"; empty: none was found yet.
    bool has_standby = false;
    std::string trouble;       ///< Why nobody is there, in one line; empty: somebody is.
    bool is_for_good = false;  ///< That trouble won't go by itself.
  };
  Facts facts() const;

 private:
  template <typename T, typename Ask>
  void ask(Ask question, Done<T> done);
  void work();
  /// Null: nobody is there.
  pg::Session* session();
  /// Empty: it can be used.
  std::string why_not_usable(pg::Session& session);
  void note_server(pg::Session& session);
  bool look_for_standby(pg::Session& session);
  void look_again_for_standby();
  /// Nobody can be asked, for that reason.
  void note_trouble(std::string why, bool is_for_good = false);
  /// The connection is no good any more.
  void drop(const std::string& why);

  struct Holder;
  /// Nothing: nobody is there, or somebody lives.
  std::optional<Holder> dead_holder(NodeId node);
  std::optional<Holder> holder(NodeId node);

  std::optional<NodeLife> do_join(NodeId node);
  std::optional<FetchedRows> do_fetch(const RowWants& wants);
  /// Sends what was added; `fence_at`: the statement that only fails where the life is over.
  CommitOutcome send_changes(pg::Session& session, const std::vector<RowChange>& changes, RowStamp stamp,
                             std::optional<std::size_t> fence_at);
  CommitOutcome do_commit(const RowCommit& commit);
  CommitOutcome do_note(const RowNotes& notes);
  Resolved do_resolve(const NodeLife& life);

  const Settings settings_;
  const Post post_;
  std::unique_ptr<pg::Session> session_;
  bool has_tables_ = false;
  std::chrono::steady_clock::time_point looked_for_standby_at_{};
  mutable std::mutex facts_mutex_;
  Facts facts_;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::move_only_function<void()> question_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace xion
