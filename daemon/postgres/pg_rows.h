#pragma once
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
    std::string conninfo;  ///< As libpq reads it: a URL, or key=value.
    std::string schema = "xionid";
    bool creates = false;  ///< Makes tables that are not there.
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

 private:
  template <typename T, typename Ask>
  void ask(Ask question, Done<T> done);
  void work();
  /// Null: nobody is there.
  pg::Session* session();
  /// The connection is no good any more.
  void drop(const std::string& why);

  std::optional<NodeLife> do_join(NodeId node);
  std::optional<FetchedRows> do_fetch(const RowWants& wants);
  CommitOutcome do_commit(const RowCommit& commit);
  Resolved do_resolve(const NodeLife& life);

  const Settings settings_;
  const Post post_;
  std::unique_ptr<pg::Session> session_;
  bool has_tables_ = false;
  std::mutex mutex_;
  std::condition_variable asked_;
  std::move_only_function<void()> question_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace xion
