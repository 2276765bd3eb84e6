#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "ports/loop.h"
#include "ports/rows.h"
#include "sim/seeded.h"

namespace xion::sim {

/// What goes wrong between a node and its database. Chances are shares of 1.
struct DatabaseHabits {
  Millis latency_min{1}, latency_max{3};  ///< Of each call.
  double conflict = 0;                    ///< Of a commit: refused without a reason that we could see.
  double doubt = 0;                       ///< Of a commit: its answer gets lost, and it may have been kept or not.
  double unreachable = 0;                 ///< Of a call: for a while nobody is there, as while a standby is promoted.
  Millis away_min{100}, away_max{6'000};
};

/// What the database forgets, for an auditor that has to find it.
struct DatabaseFaults {
  bool knows_no_stamps = false;  ///< A commit is taken whatever the rows are that it replaces.
  bool knows_no_fence = false;   ///< And whatever life it is of.
  bool parks_unguarded = false;  ///< The first, of the rows by which receipts and responses find each other.
};

/// The database that nodes share: rows with stamps, one commit after the other, one life of each node that may write.
/// It outlives every process.
class SharedDatabase {
 public:
  NodeLife join(NodeId node);
  FetchedRows fetch(const RowWants& wants) const;
  CommitOutcome commit(const RowCommit& commit);
  CommitOutcome note(const RowNotes& notes);
  /// A life that ends in order takes its beat with it.
  void leave(const NodeLife& life);
  /// What the life has written last, after which nothing of it is in doubt; nothing: it is fenced.
  std::optional<std::uint64_t> resolve(const NodeLife& life);

  /// No later life has begun, and nobody has taken it for dead.
  bool is_of_now(const NodeLife& life) const;
  /// Others take a node for dead: nothing of its life is written from here on.
  void fence(NodeId node);
  /// Nobody answers until then: somebody is promoted.
  void be_away(MonoTime until) { away_until_ = until; }
  MonoTime away_until() const { return away_until_; }

  DatabaseFaults faults;
  /// Its clock, ahead of whoever asks.
  Millis clock_ahead{0};
  /// A commit was kept, of a life that may write or of one that may no longer.
  std::function<void(const RowCommit& commit, bool is_of_now)> on_kept = [](const RowCommit&, bool) {};

  /// A commit that was sent by somebody who hears no answer. It is kept or not by the time that anybody asks.
  void leave_in_doubt(const RowCommit& commit, bool is_kept);
  std::size_t commits() const { return commits_; }
  /// What is in doubt of a node is kept or not from here on.
  void settle(NodeId node);
  /// Every octet of every row: what somebody finds who steals it.
  std::string octets() const;

 private:
  struct Node {
    std::uint32_t incarnation = 0;
    std::uint64_t sequence = 0;
    bool is_fenced = false;
  };
  using Rows = std::map<std::string, StoredRow>;
  bool is_as_read(const RowChange& change) const;
  std::vector<StoredRow> read(const RangeWant& want) const;
  bool are_as_read(const std::vector<RowChange>& changes) const;
  void change(const RowChange& change, RowStamp stamp);

  struct Table {
    Rows rows;
    std::array<std::set<std::pair<std::string, std::string>>, row_sorts> orders;  ///< Place and key.
  };
  std::array<Table, row_tables> tables_;
  std::map<NodeId, Node> nodes_;
  std::map<NodeId, std::pair<RowCommit, bool>> doubtful_;
  std::size_t commits_ = 0;
  MonoTime away_until_{};
};

/// One process's way to it, in virtual time.
class SimulatedRows final : public Rows {
 public:
  SimulatedRows(Loop& loop, SharedDatabase& database, Seeded entropy, DatabaseHabits habits)
      : loop_(loop), database_(database), entropy_(entropy), habits_(habits) {}
  /// Everything goes well from here on.
  void heal() { habits_ = {.latency_min = habits_.latency_min, .latency_max = habits_.latency_max}; }

  void join(NodeId node, Done<std::optional<NodeLife>> done) override;
  void fetch(RowWants wants, Done<std::optional<FetchedRows>> done) override;
  void commit(RowCommit commit, Done<CommitOutcome> done) override;
  void resolve(NodeLife life, Done<Resolved> done) override;
  void note(RowNotes notes, Done<CommitOutcome> done) override;

  /// Nobody is there for so long.
  void go_away(Millis span) { away_until_ = loop_.now() + span; }

  struct Counts {
    std::size_t fetches = 0, commits = 0, doubts = 0, outages = 0;
  };
  const Counts& counts() const { return counts_; }
  /// Told how long nobody will be there.
  std::function<void(Millis)> went_away;

 private:
  void after_latency(std::move_only_function<void()> work);
  bool is_away();

  Loop& loop_;
  SharedDatabase& database_;
  Seeded entropy_;
  DatabaseHabits habits_;
  MonoTime away_until_{};
  Counts counts_;
  std::map<std::uint64_t, std::unique_ptr<Timer>> timers_;
  std::uint64_t last_timer_ = 0;
};

}  // namespace xion::sim
