#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "base/time.h"
#include "postgres/pg_statements.h"

struct pg_conn;
struct pg_result;

namespace xion::pg {

/// A statement's parameter, in the server's binary form.
class Parameter {
 public:
  static Parameter number(std::int64_t value);
  static Parameter octets(std::string_view value);
  static Parameter numbers(std::span<const std::int64_t> values);
  /// Nothing stands for NULL.
  static Parameter octets(const std::vector<std::optional<std::string_view>>& values);
  const std::string& form() const { return form_; }

 private:
  std::string form_;
};

/// What a statement gave. Columns are in binary form.
class Result {
 public:
  explicit Result(pg_result* result);
  const pg_result* get() const { return result_.get(); }
  std::size_t rows() const;
  std::string_view octets(std::size_t row, int column) const;
  std::int64_t number(std::size_t row, int column) const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

/// Why a pipeline was not all done.
struct Failure {
  enum class Kind : std::uint8_t {
    lost,      ///< The connection is gone: what was sent may have been done.
    conflict,  ///< Refused for what others did.
    refused    ///< For another reason, in `text`.
  } kind = Kind::lost;
  std::size_t at = 0;  ///< The statement that failed, from 0.
  std::string text;
  std::string state{};  ///< SQLSTATE; empty: lost.
};

/// A connection that sends statements together and waits for all of their results: one round trip. It prepares each the
/// first time. Blocks, so it has a thread of its own.
class Session {
 public:
  struct Target {
    std::string conninfo;  ///< As libpq reads it: a URL, or key=value. Every host is tried.
    Secret password;       ///< Empty: none is given.
    std::string schema;
    Millis patience{10'000};  ///< For the answer to what was sent, after which the connection is taken for lost.
    SessionUse use = session_that_writes;
  };
  /// With the one that may be written to. Nothing: nobody is there; `why` is told.
  static std::unique_ptr<Session> open(const Target& target, std::string& why);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// A statement without parameters or result, by itself. Empty: it was done; else why not. `patience`: for its answer,
  /// the target's unless it says another.
  std::string run(const std::string& text, std::optional<Millis> patience = {});
  /// What a statement without parameters says in its first column, as text; empty: nothing, or it failed.
  std::string ask(const std::string& text);
  /// "host:port" that it is connected with.
  std::string server() const;

  void add(const Statement& statement, std::vector<Parameter> parameters);
  /// Sends what was added; the results in order, or what failed first. `in_transaction`: between BEGIN and COMMIT.
  struct Outcome {
    std::vector<Result> results;
    std::optional<Failure> failure{};
  };
  Outcome send(bool in_transaction);
  /// The server said something while it committed: what was committed may not have reached the standby.
  bool was_warned() const { return was_warned_; }

 private:
  Session(pg_conn* connection, Millis patience) : connection_(connection), patience_(patience) {}
  static void on_notice(void* session, const pg_result* result);
  bool is_lost() const;
  bool queue(const Statement& statement, const std::vector<Parameter>& parameters);
  Failure lost() const;
  /// The last result of a statement by itself; null: the connection is lost.
  Result answer_to(const std::string& text, Millis patience);
  Outcome collect(bool in_transaction);
  /// Waits for the next result of what was sent; null: it is the end of a statement's, or the connection is lost.
  pg_result* next();

  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  /// What a result belongs to.
  enum class Sent : std::uint8_t { begin, prepare, statement, commit };
  std::unique_ptr<pg_conn, Finish> connection_;
  const Millis patience_;
  std::chrono::steady_clock::time_point until_{};  ///< Then nobody waits any more for what was sent.
  bool is_given_up_ = false;
  std::set<std::string> prepared_;
  std::vector<std::pair<Statement, std::vector<Parameter>>> added_;
  std::vector<Sent> sent_;
  std::vector<std::string> preparing_;
  bool was_warned_ = false;
};

}  // namespace xion::pg
