#include "postgres/pg_rows.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/log.h"

namespace xion {
namespace {

using pg::Failure;
using pg::Parameter;
using pg::Verb;
using Octets = std::vector<std::optional<std::string_view>>;

StoredRow row_of(const pg::Result& result, std::size_t at) {
  StoredRow row;
  row.key = result.octets(at, 0);
  row.stamp = static_cast<RowStamp>(result.number(at, 1));
  row.content.record = result.octets(at, 2);
  row.content.sorts = {std::string(result.octets(at, 3)), std::string(result.octets(at, 4))};
  return row;
}

std::vector<StoredRow> rows_of(const pg::Result& result) {
  std::vector<StoredRow> rows;
  rows.reserve(result.rows());
  for (std::size_t at = 0; at < result.rows(); ++at) rows.push_back(row_of(result, at));
  return rows;
}

/// What a commit does with the rows of one table.
struct TableChanges {
  struct Puts {
    Octets keys, records, sort1, sort2;
    std::vector<std::int64_t> stamps;
    void add(const RowChange& change) {
      keys.emplace_back(change.name.key);
      records.emplace_back(change.content->record);
      const auto& sorts = change.content->sorts;
      sort1.push_back(sorts[0].empty() ? std::nullopt : std::optional<std::string_view>(sorts[0]));
      sort2.push_back(sorts[1].empty() ? std::nullopt : std::optional<std::string_view>(sorts[1]));
    }
  };
  Octets erased, erased_unseen;
  std::vector<std::int64_t> erased_stamps;
  Puts replaced, inserted, unseen;

  void add(const RowChange& change) {
    const auto stamp = static_cast<std::int64_t>(change.replaces.value_or(0));
    if (!change.content) {
      (change.replaces ? erased : erased_unseen).emplace_back(change.name.key);
      if (change.replaces) erased_stamps.push_back(stamp);
      return;
    }
    Puts& puts = !change.replaces ? unseen : stamp == 0 ? inserted : replaced;
    puts.add(change);
    puts.stamps.push_back(stamp);
  }
};

Parameter count_of(const Octets& keys) { return Parameter::number(static_cast<std::int64_t>(keys.size())); }

/// In one order for every commit, so that no two wait for each other.
void add_changes(pg::Session& session, RowTable table, const TableChanges& changes, RowStamp stamp) {
  const Parameter made = Parameter::number(static_cast<std::int64_t>(stamp));
  if (!changes.erased.empty())
    session.add(
        pg::statement(table, Verb::erase),
        {Parameter::octets(changes.erased), Parameter::numbers(changes.erased_stamps), count_of(changes.erased)});
  if (!changes.erased_unseen.empty())
    session.add(pg::statement(table, Verb::erase_unseen), {Parameter::octets(changes.erased_unseen)});
  const auto octets = [](const TableChanges::Puts& puts) {
    return std::vector{Parameter::octets(puts.keys), Parameter::octets(puts.records), Parameter::octets(puts.sort1),
                       Parameter::octets(puts.sort2)};
  };
  if (!changes.replaced.keys.empty()) {
    auto parameters = octets(changes.replaced);
    parameters.insert(parameters.begin() + 1, Parameter::numbers(changes.replaced.stamps));
    parameters.push_back(count_of(changes.replaced.keys));
    parameters.push_back(made);
    session.add(pg::statement(table, Verb::replace), std::move(parameters));
  }
  for (const auto& [puts, verb] :
       {std::pair(&changes.inserted, Verb::insert), std::pair(&changes.unseen, Verb::put_unseen)}) {
    if (puts->keys.empty()) continue;
    auto parameters = octets(*puts);
    parameters.push_back(made);
    session.add(pg::statement(table, verb), std::move(parameters));
  }
}

std::vector<Parameter> life_of(const NodeLife& life) {
  return {Parameter::number(life.node), Parameter::number(life.incarnation)};
}

}  // namespace

PgRows::PgRows(Settings settings, Post post)
    : settings_(std::move(settings)), post_(std::move(post)), thread_([this] { work(); }) {}

PgRows::~PgRows() {
  {
    const std::lock_guard guard(mutex_);
    is_ending_ = true;
  }
  asked_.notify_one();
  thread_.join();
}

void PgRows::work() {
  for (;;) {
    std::unique_lock guard(mutex_);
    asked_.wait(guard, [this] { return is_ending_ || question_; });
    if (!question_) return;
    auto question = std::exchange(question_, {});
    guard.unlock();
    question();
  }
}

template <typename T, typename Ask>
void PgRows::ask(Ask question, Done<T> done) {
  {
    const std::lock_guard guard(mutex_);
    question_ = [this, question = std::move(question), done = std::move(done)]() mutable {
      post_([done = std::move(done), answer = question()]() mutable { done(std::move(answer)); });
    };
  }
  asked_.notify_one();
}

void PgRows::join(NodeId node, Done<std::optional<NodeLife>> done) {
  ask([this, node] { return do_join(node); }, std::move(done));
}
void PgRows::fetch(RowWants wants, Done<std::optional<FetchedRows>> done) {
  ask([this, wants = std::move(wants)] { return do_fetch(wants); }, std::move(done));
}
void PgRows::commit(RowCommit commit, Done<CommitOutcome> done) {
  ask([this, commit = std::move(commit)] { return do_commit(commit); }, std::move(done));
}
void PgRows::resolve(NodeLife life, Done<Resolved> done) {
  ask([this, life] { return do_resolve(life); }, std::move(done));
}

// --- on the thread that speaks to the server ------------------------------------------------------------------------

pg::Session* PgRows::session() {
  if (session_) return session_.get();
  std::string why;
  session_ = pg::Session::open(settings_.conninfo, settings_.schema, why);
  if (session_ && settings_.creates && !has_tables_) {
    for (const std::string& text : pg::schema_statements(settings_.schema)) {
      if (why = session_->run(text); why.empty()) continue;
      session_.reset();
      break;
    }
    has_tables_ = session_ != nullptr;
  }
  if (!session_) log::warning("store.database.away", "reason=\"{}\"", why);
  return session_.get();
}

void PgRows::drop(const std::string& why) {
  log::warning("store.database.lost", "reason=\"{}\"", why);
  session_.reset();
}

std::optional<NodeLife> PgRows::do_join(NodeId node) {
  pg::Session* session = this->session();
  if (session == nullptr) return std::nullopt;
  session->add(pg::join_statement(), {Parameter::number(node)});
  const auto outcome = session->send(true);
  if (outcome.failure) return drop(outcome.failure->text), std::nullopt;
  return NodeLife{node, static_cast<std::uint32_t>(outcome.results.at(0).number(0, 0))};
}

std::optional<FetchedRows> PgRows::do_fetch(const RowWants& wants) {
  pg::Session* session = this->session();
  if (session == nullptr) return std::nullopt;
  std::map<RowTable, std::vector<std::size_t>> by_table;
  for (std::size_t at = 0; at < wants.rows.size(); ++at) by_table[wants.rows[at].table].push_back(at);
  for (const auto& [table, places] : by_table) {
    Octets keys;
    for (const std::size_t at : places) keys.emplace_back(wants.rows[at].key);
    session->add(pg::statement(table, Verb::fetch), {Parameter::octets(keys)});
  }
  for (const auto& [range, limit] : wants.ranges) {
    std::vector parameters{Parameter::octets(range.from)};
    if (!range.to.empty()) parameters.push_back(Parameter::octets(range.to));
    parameters.push_back(Parameter::number(static_cast<std::int64_t>(limit)));
    session->add(pg::range_statement(range), std::move(parameters));
  }
  for (const RowTable table : wants.counts) session->add(pg::statement(table, Verb::count), {});
  const auto outcome = session->send(false);
  if (outcome.failure) return drop(outcome.failure->text), std::nullopt;

  FetchedRows fetched;
  fetched.rows.resize(wants.rows.size());
  auto result = outcome.results.begin();
  for (const auto& [table, places] : by_table) {
    std::map<std::string, StoredRow, std::less<>> found;
    for (StoredRow& row : rows_of(*result++)) found.emplace(row.key, row);
    for (const std::size_t at : places)
      if (const auto row = found.find(wants.rows[at].key); row != found.end()) fetched.rows[at] = row->second;
  }
  for (std::size_t at = 0; at < wants.ranges.size(); ++at) fetched.ranges.push_back(rows_of(*result++));
  for (std::size_t at = 0; at < wants.counts.size(); ++at)
    fetched.counts.push_back(static_cast<std::size_t>((result++)->number(0, 0)));
  return fetched;
}

/// The fence comes first, so that what fails there is another process's turn.
CommitOutcome PgRows::do_commit(const RowCommit& commit) {
  pg::Session* session = this->session();
  if (session == nullptr) return CommitOutcome::down;
  auto fence = life_of(commit.life);
  fence.push_back(Parameter::number(static_cast<std::int64_t>(commit.sequence)));
  session->add(pg::fence_statement(), std::move(fence));
  std::map<RowTable, TableChanges> tables;
  for (const RowChange& change : commit.changes) tables[change.name.table].add(change);
  for (const auto& [table, changes] : tables) add_changes(*session, table, changes, commit.stamp());
  const auto outcome = session->send(true);
  if (!outcome.failure && !session->was_warned()) return CommitOutcome::kept;
  if (!outcome.failure || outcome.failure->kind == Failure::Kind::lost) {
    drop(outcome.failure ? outcome.failure->text : "a warning when it committed");
    return CommitOutcome::in_doubt;
  }
  const bool is_fenced = outcome.failure->at == 0 && outcome.failure->state == "22012";
  if (is_fenced) return CommitOutcome::fenced;
  if (outcome.failure->kind == Failure::Kind::conflict) return CommitOutcome::conflict;
  log::error("store.database.refused", "reason=\"{}\"", outcome.failure->text);
  return CommitOutcome::down;
}

Resolved PgRows::do_resolve(const NodeLife& life) {
  pg::Session* session = this->session();
  if (session == nullptr) return {Resolved::State::down};
  session->add(pg::resolve_statement(), life_of(life));
  const auto outcome = session->send(true);
  if (outcome.failure || session->was_warned()) {
    drop(outcome.failure ? outcome.failure->text : "a warning when it committed");
    return {Resolved::State::down};
  }
  const pg::Result& result = outcome.results.at(0);
  if (result.rows() == 0) return {Resolved::State::fenced};
  return {Resolved::State::known, static_cast<std::uint64_t>(result.number(0, 0))};
}

}  // namespace xion
