#include "sim/shared_database.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "shared/member_rows.h"

namespace xion::sim {

// --- the database ---------------------------------------------------------------------------------------------------

NodeLife SharedDatabase::join(NodeId node) {
  settle(node);
  Node& of = nodes_[node];
  ++of.incarnation;
  of.is_fenced = false;
  of.sequence = 0;
  return {node, of.incarnation};
}

std::optional<std::uint64_t> SharedDatabase::resolve(const NodeLife& life) {
  settle(life.node);
  if (!is_of_now(life)) return std::nullopt;
  return nodes_.at(life.node).sequence;
}

bool SharedDatabase::is_of_now(const NodeLife& life) const {
  const auto at = nodes_.find(life.node);
  return at != nodes_.end() && at->second.incarnation == life.incarnation && !at->second.is_fenced;
}

void SharedDatabase::fence(NodeId node) {
  settle(node);
  nodes_[node].is_fenced = true;
}

/// What was in doubt is one or the other before anything else of that node is asked or done.
void SharedDatabase::settle(NodeId node) {
  const auto doubtful = doubtful_.extract(node);
  if (!doubtful.empty() && doubtful.mapped().second) (void)commit(doubtful.mapped().first);
}

void SharedDatabase::leave_in_doubt(const RowCommit& commit, bool is_kept) {
  doubtful_.insert_or_assign(commit.life.node, std::pair(commit, is_kept));
}

std::vector<StoredRow> SharedDatabase::read(const RangeWant& want) const {
  const RowRange& range = want.range;
  const Table& table = tables_[static_cast<std::size_t>(range.table)];
  std::vector<StoredRow> rows;
  const auto is_before_end = [&](const std::string& place) { return range.to.empty() || place < range.to; };
  if (range.by == RowRange::by_key) {
    for (auto at = table.rows.lower_bound(range.from); at != table.rows.end() && is_before_end(at->first); ++at)
      rows.push_back(at->second);
  } else {
    const auto& order = table.orders[range.by - 1U];
    for (auto at = order.lower_bound({range.from, {}}); at != order.end() && is_before_end(at->first); ++at)
      rows.push_back(table.rows.at(at->second));
  }
  if (range.is_backwards) std::ranges::reverse(rows);
  if (rows.size() > want.limit) rows.resize(want.limit);
  return rows;
}

FetchedRows SharedDatabase::fetch(const RowWants& wants) const {
  FetchedRows fetched;
  for (const RowName& name : wants.rows) {
    const Rows& rows = tables_[static_cast<std::size_t>(name.table)].rows;
    const auto at = rows.find(name.key);
    fetched.rows.push_back(at == rows.end() ? std::nullopt : std::optional(at->second));
  }
  for (const RangeWant& want : wants.ranges) fetched.ranges.push_back(read(want));
  for (const RowTable table : wants.counts)
    fetched.counts.push_back(tables_[static_cast<std::size_t>(table)].rows.size());
  return fetched;
}

bool SharedDatabase::is_as_read(const RowChange& change) const {
  if (!change.replaces || faults.knows_no_stamps) return true;
  if (faults.parks_unguarded && change.name.table == RowTable::carrier_ids) return true;
  const Rows& rows = tables_[static_cast<std::size_t>(change.name.table)].rows;
  const auto at = rows.find(change.name.key);
  return (at == rows.end() ? 0 : at->second.stamp) == *change.replaces;
}

void SharedDatabase::change(const RowChange& change, RowStamp stamp) {
  Table& table = tables_[static_cast<std::size_t>(change.name.table)];
  const auto place = [&](const StoredRow& row, std::size_t by) { return std::pair(row.content.sorts[by], row.key); };
  if (const auto at = table.rows.find(change.name.key); at != table.rows.end()) {
    for (std::size_t by = 0; by < row_sorts; ++by) table.orders[by].erase(place(at->second, by));
    table.rows.erase(at);
  }
  if (!change.content) return;
  const StoredRow row{change.name.key, *change.content, stamp};
  for (std::size_t by = 0; by < row_sorts; ++by)
    if (!row.content.sorts[by].empty()) table.orders[by].insert(place(row, by));
  table.rows.emplace(row.key, row);
}

bool SharedDatabase::are_as_read(const std::vector<RowChange>& changes) const {
  XION_ASSERT(std::ranges::is_sorted(changes, {}, &RowChange::name));
  return std::ranges::all_of(changes, [this](const RowChange& change) { return is_as_read(change); });
}

/// A life that ends waits for its commit under way.
CommitOutcome SharedDatabase::note(const RowNotes& notes) {
  if (notes.ends) {
    settle(notes.ends->node);
    if (nodes_[notes.ends->node].incarnation != notes.ends->incarnation) return CommitOutcome::conflict;
  }
  if (!are_as_read(notes.changes)) return CommitOutcome::conflict;
  for (const RowChange& each : notes.changes) change(each, notes.stamp);
  if (notes.ends) join(notes.ends->node);
  return CommitOutcome::kept;
}

void SharedDatabase::leave(const NodeLife& life) {
  if (resolve(life)) (void)note({.stamp = 0, .changes = {{row_keys::beat(life.node), {}, {}}}, .ends = life});
}

CommitOutcome SharedDatabase::commit(const RowCommit& commit) {
  const bool is_now = is_of_now(commit.life);
  if (!is_now && !faults.knows_no_fence) return CommitOutcome::fenced;
  XION_ASSERT(!is_now || commit.sequence == nodes_.at(commit.life.node).sequence + 1);
  if (!are_as_read(commit.changes)) return CommitOutcome::conflict;
  for (const RowChange& each : commit.changes) change(each, commit.stamp());
  if (is_now) nodes_.at(commit.life.node).sequence = commit.sequence;
  ++commits_;
  on_kept(commit, is_now);
  return CommitOutcome::kept;
}

std::string SharedDatabase::octets() const {
  std::string all;
  for (const Table& table : tables_)
    for (const auto& [key, row] : table.rows) all.append(key).append(row.content.record);
  return all;
}

// --- the way to it --------------------------------------------------------------------------------------------------

void SimulatedRows::after_latency(std::move_only_function<void()> work) {
  const std::uint64_t number = ++last_timer_;
  auto timer = loop_.timer([this, number, work = std::move(work)]() mutable {
    const auto running = timers_.extract(number);  // It lives until this is over.
    work();
  });
  timer->start(entropy_.between(habits_.latency_min, habits_.latency_max));
  timers_.emplace(number, std::move(timer));
}

/// Nobody is there until somebody is promoted.
bool SimulatedRows::is_away() {
  if (loop_.now() < away_until_) return true;
  if (!entropy_.chance(habits_.unreachable)) return false;
  ++counts_.outages;
  const Millis span = entropy_.between(habits_.away_min, habits_.away_max);
  away_until_ = loop_.now() + span;
  if (went_away) went_away(span);
  return true;
}

void SimulatedRows::join(NodeId node, Done<std::optional<NodeLife>> done) {
  after_latency([this, node, done = std::move(done)]() mutable {
    done(is_away() ? std::nullopt : std::optional(database_.join(node)));
  });
}

void SimulatedRows::fetch(RowWants wants, Done<std::optional<FetchedRows>> done) {
  ++counts_.fetches;
  after_latency([this, wants = std::move(wants), done = std::move(done)]() mutable {
    if (is_away()) return done(std::nullopt);
    FetchedRows fetched = database_.fetch(wants);
    if (wants.clock) fetched.clock = loop_.wall_now() + database_.clock_ahead;
    done(std::move(fetched));
  });
}

void SimulatedRows::commit(RowCommit commit, Done<CommitOutcome> done) {
  ++counts_.commits;
  after_latency([this, commit = std::move(commit), done = std::move(done)]() mutable {
    if (entropy_.chance(habits_.doubt)) {
      ++counts_.doubts;
      database_.leave_in_doubt(commit, entropy_.chance(0.5));
      return done(CommitOutcome::in_doubt);
    }
    if (is_away()) return done(CommitOutcome::down);
    if (entropy_.chance(habits_.conflict)) return done(CommitOutcome::conflict);
    const CommitOutcome outcome = database_.commit(commit);
    after_latency([done = std::move(done), outcome]() mutable { done(outcome); });
  });
}

void SimulatedRows::note(RowNotes notes, Done<CommitOutcome> done) {
  after_latency([this, notes = std::move(notes), done = std::move(done)]() mutable {
    if (is_away()) return done(CommitOutcome::down);
    if (entropy_.chance(habits_.conflict)) return done(CommitOutcome::conflict);
    const bool is_lost = entropy_.chance(habits_.doubt);
    const CommitOutcome outcome = is_lost && entropy_.chance(0.5) ? CommitOutcome::in_doubt : database_.note(notes);
    after_latency(
        [done = std::move(done), told = is_lost ? CommitOutcome::in_doubt : outcome]() mutable { done(told); });
  });
}

void SimulatedRows::resolve(NodeLife life, Done<Resolved> done) {
  after_latency([this, life, done = std::move(done)]() mutable {
    if (is_away()) return done({Resolved::State::down});
    const auto last = database_.resolve(life);
    done(last ? Resolved{Resolved::State::known, *last} : Resolved{Resolved::State::fenced});
  });
}

}  // namespace xion::sim
