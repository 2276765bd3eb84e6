#include "postgres/pg_rows.h"

#include <pthread.h>
#include <signal.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.h"
#include "shared/member_rows.h"

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

/// Whose process it is, for others who look: machine, this start of it, whose numbers of processes, number.
std::string this_process() {
  utsname machine{};
  ::uname(&machine);
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  std::error_code ignored;
  const std::string numbers = std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
  return fmt::format("host={} boot={} of={} pid={}", machine.nodename, boot, numbers, ::getpid());
}

/// It was a process of this machine, and is no more.
bool is_gone_from_here(std::string_view process) {
  const auto number_at = process.rfind('=') + 1;
  const std::string here = this_process();
  if (process.substr(0, number_at) != std::string_view(here).substr(0, here.rfind('=') + 1)) return false;
  pid_t pid = 0;
  std::from_chars(process.data() + number_at, process.data() + process.size(), pid);
  return pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
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
  pthread_setname_np(pthread_self(), settings_.target.use.is_read_only ? "xiond-reads" : "xiond-database");
  for (;;) {
    std::unique_lock guard(mutex_);
    asked_.wait(guard, [this] { return is_ending_ || question_; });
    if (!question_) return;
    auto question = std::exchange(question_, {});
    guard.unlock();
    question();
    look_again_for_standby();
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

void PgRows::note(RowNotes notes, Done<CommitOutcome> done) {
  ask([this, notes = std::move(notes)] { return do_note(notes); }, std::move(done));
}

// --- on the thread that speaks to the server ------------------------------------------------------------------------

PgRows::Facts PgRows::facts() const {
  const std::lock_guard guard(facts_mutex_);
  return facts_;
}

void PgRows::note_trouble(std::string why, bool is_for_good) {
  const std::lock_guard guard(facts_mutex_);
  if (why != facts_.trouble) log::warning("store.database.away", "reason=\"{}\"", why);
  facts_.trouble = std::move(why);
  facts_.is_for_good = is_for_good;
}

std::string PgRows::why_not_usable(pg::Session& session) {
  if (has_tables_) return {};
  constexpr std::chrono::minutes for_tables{10};  // One that is large already may get another index.
  if (settings_.creates && !settings_.target.use.is_read_only) {
    for (const std::string& text : pg::schema_statements(settings_.target.schema))
      if (std::string why = session.run(text, for_tables); !why.empty()) return why;
  } else if (std::string why = session.run(pg::probe_statement()); !why.empty()) {
    return fmt::format("{} (the tables of schema {} are not there: `create = true` in [store] makes them)", why,
                       settings_.target.schema);
  }
  has_tables_ = true;
  return {};
}

/// A standby that commits wait for is what makes them outlive the server's machine.
bool PgRows::look_for_standby(pg::Session& session) {
  const bool has_standby = !session.ask("SHOW synchronous_standby_names").empty();
  looked_for_standby_at_ = std::chrono::steady_clock::now();
  const std::lock_guard guard(facts_mutex_);
  facts_.has_standby = has_standby;
  return has_standby;
}

/// Whoever connects at once after a failover finds none yet: the former primary is what will be the next one.
void PgRows::look_again_for_standby() {
  constexpr std::chrono::seconds between_looks{5};
  if (session_ && std::chrono::steady_clock::now() >= looked_for_standby_at_ + between_looks)
    look_for_standby(*session_);
}

void PgRows::note_server(pg::Session& session) {
  const bool has_standby = look_for_standby(session);
  const bool is_read_only = settings_.target.use.is_read_only;
  const std::string server = session.server();
  log::info("store.database.connected", "server={} standby={} use={}", server, has_standby,
            is_read_only ? "reads" : "all");
  if (!has_standby && settings_.warns_of_no_standby && !is_read_only)
    log::warning("store.database.asynchronous", "hint=\"{}\"",
                 "no standby is waited for: set synchronous_standby_names there, or durability in [store]");
  const std::lock_guard guard(facts_mutex_);
  facts_ = {.server = server, .has_standby = has_standby, .trouble = {}};
}

pg::Session* PgRows::session() {
  if (session_) return session_.get();
  std::string why;
  session_ = pg::Session::open(settings_.target, why);
  if (session_ && !(why = why_not_usable(*session_)).empty()) session_.reset();
  if (session_)
    note_server(*session_);
  else
    note_trouble(why);
  return session_.get();
}

void PgRows::drop(const std::string& why) {
  note_trouble(why);
  session_.reset();
}

// --- lives ----------------------------------------------------------------------------------------------------------

/// Who is the node, or was it last.
struct PgRows::Holder {
  std::int64_t incarnation = 0, sequence = 0;
  std::string process;  ///< Empty: it ended in order.
  bool operator==(const Holder&) const = default;
};

std::optional<PgRows::Holder> PgRows::holder(NodeId node) {
  pg::Session* session = this->session();
  if (session == nullptr) return std::nullopt;
  session->add(pg::holder_statement(), {Parameter::number(node)});
  const auto outcome = session->send(false);
  if (outcome.failure) return drop(outcome.failure->text), std::nullopt;
  const pg::Result& result = outcome.results.at(0);
  if (result.rows() == 0) return Holder{};
  return Holder{result.number(0, 0), result.number(0, 1), std::string(result.octets(0, 2))};
}

/// A process that lives writes something each second. It is watched by our own clock, so that nobody's hour matters.
std::optional<PgRows::Holder> PgRows::dead_holder(NodeId node) {
  const auto seen = holder(node);
  if (!seen || seen->process.empty() || settings_.takes_after == Millis{0} || is_gone_from_here(seen->process))
    return seen;
  constexpr Millis between_looks{250};
  for (Millis waited{0}; waited < settings_.takes_after; waited += between_looks) {
    std::this_thread::sleep_for(between_looks);
    const auto now = holder(node);
    if (!now) return std::nullopt;
    if (*now == *seen) continue;
    note_trouble(fmt::format("another xiond writes to this store: {}", now->process), true);
    return std::nullopt;
  }
  log::info("store.database.taken", "from=\"{}\"", seen->process);
  return seen;
}

std::optional<NodeLife> PgRows::do_join(NodeId node) {
  const auto before = dead_holder(node);
  pg::Session* session = before ? this->session() : nullptr;
  if (session == nullptr) return std::nullopt;
  if (before->incarnation == 0)
    session->add(pg::first_join_statement(), {Parameter::number(node), Parameter::octets(this_process())});
  else
    session->add(pg::join_statement(), {Parameter::number(node), Parameter::number(before->incarnation),
                                        Parameter::number(before->sequence), Parameter::octets(this_process())});
  const auto outcome = session->send(true);
  if (outcome.failure) return drop(outcome.failure->text), std::nullopt;
  if (outcome.results.at(0).rows() == 0) return std::nullopt;  // Somebody was quicker, and is looked at next time.
  return NodeLife{node, static_cast<std::uint32_t>(outcome.results.at(0).number(0, 0))};
}

void PgRows::leave(NodeLife life) {
  ask(
      [this, life] {
        if (session_) {
          session_->add(pg::end_statement(), life_of(life));
          session_->add(pg::statement(RowTable::beats, Verb::erase_unseen),
                        {Parameter::octets({{row_keys::beat(life.node).key}})});
        }
        return session_ != nullptr && !session_->send(true).failure;
      },
      Done<bool>([](bool) {}));
}

// --- rows -----------------------------------------------------------------------------------------------------------

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
  if (wants.clock) session->add(pg::clock_statement(), {});
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
  if (wants.clock) fetched.clock = wall_time((result++)->number(0, 0));
  return fetched;
}

CommitOutcome PgRows::send_changes(pg::Session& session, const std::vector<RowChange>& changes, RowStamp stamp,
                                   std::optional<std::size_t> fence_at) {
  std::map<RowTable, TableChanges> tables;
  for (const RowChange& change : changes) tables[change.name.table].add(change);
  for (const auto& [table, of_table] : tables) add_changes(session, table, of_table, stamp);
  const auto outcome = session.send(true);
  if (!outcome.failure && !session.was_warned()) return CommitOutcome::kept;
  if (!outcome.failure || outcome.failure->kind == Failure::Kind::lost) {
    drop(outcome.failure ? outcome.failure->text : "a warning when it committed");
    return CommitOutcome::in_doubt;
  }
  const bool is_fenced = outcome.failure->at == fence_at && outcome.failure->state == "22012";
  if (is_fenced) return CommitOutcome::fenced;
  if (outcome.failure->kind == Failure::Kind::conflict) return CommitOutcome::conflict;
  log::error("store.database.refused", "reason=\"{}\"", outcome.failure->text);
  return CommitOutcome::down;
}

/// The fence comes first, so that what fails there is another process's turn.
CommitOutcome PgRows::do_commit(const RowCommit& commit) {
  pg::Session* session = this->session();
  if (session == nullptr) return CommitOutcome::down;
  auto fence = life_of(commit.life);
  fence.push_back(Parameter::number(static_cast<std::int64_t>(commit.sequence)));
  session->add(pg::fence_statement(), std::move(fence));
  return send_changes(*session, commit.changes, commit.stamp(), 0);
}

/// Where a life ends its commit under way is waited for.
CommitOutcome PgRows::do_note(const RowNotes& notes) {
  pg::Session* session = this->session();
  if (session == nullptr) return CommitOutcome::down;
  if (notes.ends) session->add(pg::end_statement(), life_of(*notes.ends));
  return send_changes(*session, notes.changes, notes.stamp, std::nullopt);
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
