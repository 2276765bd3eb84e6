#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "core/row_id.h"

/// What an engine brings whose rows are across a network: a batched fetch, a commit of rows that are still what they
/// were read as, and the word on a commit whose answer got lost. One shape of row for every table, so that a driver is
/// three statements a table and knows nothing of what they mean.
namespace xion {

/// Tables by name: their order is of this process alone.
enum class RowTable : std::uint8_t {
  things,   ///< What there are few of, by ThingKind and key, gone ones too: in order of the commit, and of when they
            ///< went. In the memory of every node.
  guesses,  ///< Wrong codes of a phone, by app and phone.
  otps,     ///< Requests, by id. In order of app and of phone.
  names,    ///< What requests are found by: app, reference or name, id. Of the request's row.
  phones,   ///< Of a phone, of all apps: the latest requests, sends and locks. In order of what is due: the first
            ///< expiry of what is pending, or the row's end.
  outbox,   ///< Messages on their way, in order of node, state and deadline. Of the request's row.
  carrier_ids,  ///< Submissions and parked receipts by a carrier's id. In order of their last change.
  events,       ///< What limits count besides, by subject. In order of their last event.
  answers,      ///< Of Idempotency-Keys, by digest. In order of their RowId.
  parked,       ///< Receipts that wait for their response, by RowId; so are all rows below.
  unmatched,
  waiting,  ///< Deliveries that are to be tried, of all nodes.
  over,
  audit,
  sums,     ///< A stripe for each node; hours in order of the hour.
  quotas,   ///< Of a month's volume, by app: what each node was granted, and all of them.
  traffic,  ///< What the guard counts of a subject, a stripe for each node. In order of their last day.
  decoys,
  members,  ///< Which node has which name, and which name which node.
  beats,    ///< That a node lives, and what it tells of itself. Of one that does not there is none.
  leases,   ///< Who has what only one node has at a time, by name.
  notices,  ///< What one node did for all, by name. In order of when.
  count_
};
inline constexpr std::size_t row_tables = static_cast<std::size_t>(RowTable::count_);
std::string_view to_string(RowTable table);

struct RowName {
  RowTable table{};
  std::string key;  ///< Octets, at most 300.
  auto operator<=>(const RowName&) const = default;
  template <typename H>
  friend H AbslHashValue(H state, const RowName& name) {
    return H::combine(std::move(state), name.table, name.key);
  }
};

/// Besides by its key a row can be found by these, in the order of their octets; an empty one is in no order.
inline constexpr std::size_t row_sorts = 2;
struct RowContent {
  std::string record;
  std::array<std::string, row_sorts> sorts{};
  bool operator==(const RowContent&) const = default;
};

/// Which commit wrote a row: no two have the same one. 0: there is no row.
using RowStamp = std::uint64_t;

struct StoredRow {
  std::string key;
  RowContent content;
  RowStamp stamp = 0;
};

/// Rows of a table between two places in one of its orders.
struct RowRange {
  static constexpr std::uint8_t by_key = 0;  ///< And n: by the sort n - 1.
  RowTable table{};
  std::uint8_t by = by_key;
  std::string from;  ///< That one included.
  std::string to;    ///< That one not; empty: to the end.
  bool is_backwards = false;
  auto operator<=>(const RowRange&) const = default;
};

struct RangeWant {
  RowRange range;
  std::size_t limit = 0;
};
/// What is fetched at once.
struct RowWants {
  std::vector<RowName> rows;
  std::vector<RangeWant> ranges;
  std::vector<RowTable> counts;
  bool clock = false;  ///< What hour it is where the rows are.
  bool is_empty() const { return rows.empty() && ranges.empty() && counts.empty() && !clock; }
};
/// In the order of the wants. Of one moment each row is, all of them need not be.
struct FetchedRows {
  std::vector<std::optional<StoredRow>> rows;
  std::vector<std::vector<StoredRow>> ranges;
  std::vector<std::size_t> counts;
  std::optional<WallTime> clock;
};

struct RowChange {
  RowName name;
  /// What it is as whoever changes it has read it, 0: not there. Nothing: whatever it is, since another row of the same
  /// commit answers for it.
  std::optional<RowStamp> replaces;
  std::optional<RowContent> content;  ///< Nothing: it goes.
};

/// Numbers of nodes are below.
inline constexpr NodeId nodes_of_cluster = 64;

/// One life of a node: only its newest writes.
struct NodeLife {
  NodeId node = only_node;
  std::uint32_t incarnation = 0;
  bool operator==(const NodeLife&) const = default;
};

struct RowCommit {
  NodeLife life;
  /// Counts the commits of this life, from 1. Kept with it, so that after a lost answer the number tells whether the
  /// commit was.
  std::uint64_t sequence = 0;
  std::vector<RowChange> changes;  ///< Each name once, in order of names.
  RowStamp stamp() const {
    return RowStamp{life.node} << 58 | RowStamp{life.incarnation & 0x3FFFF} << 40 | (sequence & 0xFF'FFFF'FFFF);
  }
};

/// What nodes note of each other, beside the commits of their stores: no fence stands before it.
struct RowNotes {
  /// No commit has it, and no other note.
  RowStamp stamp = 0;
  std::vector<RowChange> changes;  ///< Each name once, in order of names.
  /// A life that writes nothing any more from then on. A conflict where it was over already.
  std::optional<NodeLife> ends{};
};
/// Commits count from 1, notes from here.
inline constexpr std::uint64_t first_note = std::uint64_t{1} << 39;
inline RowStamp note_stamp(const NodeLife& life, std::uint64_t number) {
  return RowCommit{life, first_note + number, {}}.stamp();
}
inline NodeId node_of_stamp(RowStamp stamp) { return static_cast<NodeId>(stamp >> 58); }

enum class CommitOutcome : std::uint8_t {
  kept,
  conflict,  ///< Nothing was written: some row is no longer what it was read as.
  fenced,    ///< Nothing was written, now or later: a newer life of this node has begun, or others took it for dead.
  in_doubt,  ///< The answer got lost. `resolve` tells, and nothing else is asked until it has.
  down       ///< Nothing was written: nobody is there.
};

/// What is known after a doubt: of a commit by itself, acknowledged as durably as any, so that what it reads is final.
struct Resolved {
  enum class State : std::uint8_t { known, fenced, down } state = State::down;
  std::uint64_t sequence = 0;  ///< known: of the last commit of this life that was kept.
};

/// One call at a time; each is answered once, in a later turn. Nothing of a driver but these answers is seen: it
/// connects, and looks for who may write, by itself.
class Rows {
 public:
  template <typename T>
  using Done = std::move_only_function<void(T)>;

  virtual ~Rows() = default;
  /// Begins a life of the node; from then on commits of its earlier ones are fenced. Nothing: nobody is there.
  virtual void join(NodeId node, Done<std::optional<NodeLife>> done) = 0;
  /// Nothing: nobody is there.
  virtual void fetch(RowWants wants, Done<std::optional<FetchedRows>> done) = 0;
  /// All or nothing.
  virtual void commit(RowCommit commit, Done<CommitOutcome> done) = 0;
  virtual void resolve(NodeLife life, Done<Resolved> done) = 0;
  /// All or nothing; never fenced. After a doubt the rows tell.
  virtual void note(RowNotes notes, Done<CommitOutcome> done) = 0;
};

}  // namespace xion
