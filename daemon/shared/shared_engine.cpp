#include "shared/shared_engine.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/log.h"
#include "core/record_formats.h"
#include "ports/foresee.h"
#include "shared/clock_skew.h"
#include "shared/member_rows.h"

namespace xion {
namespace {

/// What is found ahead may lead to other rows: a key to its request.
constexpr unsigned rounds_ahead = 3;
// Each goes on after "the store is".
constexpr std::string_view nobody_there = "away: the database can't be reached";
constexpr std::string_view in_doubt = "away: the database does not say whether it has kept the last commit";
constexpr std::string_view taken_over = "taken over: another process writes to it";

}  // namespace

SharedEngine::SharedEngine(Loop& loop, Rows& rows, Settings settings, Vault* vault)
    : loop_(loop),
      rows_(rows),
      settings_(std::move(settings)),
      txn_(records_, vault),
      release_gate_(settings_.name, settings_.lease),
      beat_timer_(loop.timer([this] {
        is_beat_due_ = true;
        if (state_ == State::idle) beat();
      })),
      feed_timer_(loop.timer([this] {
        is_feed_due_ = true;
        if (state_ == State::idle) read_feed();
      })) {
  if (!settings_.name.empty()) cache_.keep_for(settings_.others_change_after);
  if (settings_.reads == nullptr) return;
  reading_ = std::make_unique<ReadLane>(
      loop_, *settings_.reads, cache_, view_, records_, vault,
      ReadLane::Host{.is_serving = [this] { return is_serving(); },
                     .tell =
                         [this](ReadLane::Tasks tasks, Commit commit) {
                           Batch told;
                           for (auto& task : tasks) told.push_back({std::move(task), {}});
                           tell(std::move(told), commit);
                         },
                     .hand_over = [this](std::unique_ptr<Task> task) { admit(std::move(task)); }});
}

SharedEngine::~SharedEngine() = default;

/// The rows' answers may come when nobody is left to hear them.
template <typename T, typename Then>
auto SharedEngine::answered(Then then) {
  return [alive = std::weak_ptr(alive_), then = std::move(then)](T answer) mutable {
    if (!alive.expired()) then(std::move(answer));
  };
}

void SharedEngine::later(std::move_only_function<void()> step) {
  loop_.post([alive = std::weak_ptr(alive_), step = std::move(step)]() mutable {
    if (!alive.expired()) step();
  });
}

void SharedEngine::after_a_while(void (SharedEngine::*step)()) {
  settings_.status_changed();
  timer_ = loop_.timer([this, step] { (this->*step)(); });
  timer_->start(settings_.retry_after);
}

// --- a life of the node ---------------------------------------------------------------------------------------------

void SharedEngine::open() {
  state_ = State::opening;
  if (settings_.name.empty())
    join(settings_.node);
  else
    find_number();
}

/// A name has the number that it had, or the lowest that nobody has.
void SharedEngine::find_number() {
  RowWants wants{.rows = {row_keys::member(settings_.name)},
                 .ranges = {{row_keys::member_numbers(), nodes_of_cluster},
                            {{.table = RowTable::beats, .from = {}, .to = {}}, nodes_of_cluster}},
                 .counts = {},
                 .clock = true};
  rows_.fetch(std::move(wants), answered<std::optional<FetchedRows>>([this, asked_at = loop_.now()](auto fetched) {
                if (!fetched) return after_a_while(&SharedEngine::open);
                if (!may_join(*fetched, asked_at)) return after_a_while(&SharedEngine::open);
                const auto& ours = fetched->rows.at(0);
                if (!ours) return take_number(fetched->ranges.at(0));
                join(static_cast<NodeId>(ours->content.record.at(0)));
              }));
}

bool SharedEngine::may_join(const FetchedRows& found, MonoTime asked_at) {
  const Millis ahead = least_clock_skew(loop_.wall_now(), loop_.now() - asked_at, found.clock.value());
  if (std::string why_not = why_clock_keeps_out(ahead); !why_not.empty()) {
    settings_.kept_out(std::move(why_not));
    return false;
  }
  ReleaseGate::Verdict verdict = release_gate_.look(found.ranges.at(1), formats_written(), loop_.now());
  if (!verdict.why_not.empty()) settings_.kept_out(std::move(verdict.why_not));
  return verdict.may_join;
}

void SharedEngine::take_number(const std::vector<StoredRow>& taken) {
  std::set<NodeId> numbers;
  for (const StoredRow& row : taken)
    if (const auto node = row_keys::node_of_member(row.key)) numbers.insert(*node);
  NodeId free = only_node;
  while (numbers.contains(free)) ++free;
  if (free >= nodes_of_cluster) {
    log::error("cluster.full", "nodes={} hint=\"{}\"", numbers.size(),
               "`xionctl cluster forget NODE` on another node makes room for this one");
    return after_a_while(&SharedEngine::open);
  }
  const std::string number(1, static_cast<char>(free));
  RowNotes notes{.stamp = note_stamp({free, 0}, 1), .changes = {}};
  notes.changes.push_back({row_keys::member(free), RowStamp{0}, RowContent{settings_.name}});
  notes.changes.push_back({row_keys::member(settings_.name), RowStamp{0}, RowContent{number}});
  rows_.note(std::move(notes), answered<CommitOutcome>([this](CommitOutcome outcome) {
               if (outcome == CommitOutcome::down) return after_a_while(&SharedEngine::open);
               find_number();  // Whatever became of it is in the rows.
             }));
}

void SharedEngine::join(NodeId node) {
  rows_.join(node, answered<std::optional<NodeLife>>([this](std::optional<NodeLife> life) {
               if (!life) return after_a_while(&SharedEngine::open);
               life_ = *life;
               sequence_ = 0;
               has_read_things_ = false;
               feed_.begin(life_.node);
               settings_.began(life_);
               learn_all();
             }));
}

void SharedEngine::learn_all() {
  state_ = State::opening;
  cache_.forget_all();
  cache_.begin_round(loop_.now());
  view_.begin_batch(false);
  const WantedRows wanted = SharedRecords::wanted_at_start(life_.node);
  RowWants wants = wants_of(wanted);
  wants.counts.assign(SharedRecords::counted_at_start.begin(), SharedRecords::counted_at_start.end());
  rows_.fetch(std::move(wants), answered<std::optional<FetchedRows>>([this, wanted](auto fetched) {
                if (!fetched) return after_a_while(&SharedEngine::learn_all);
                if (!std::exchange(has_read_things_, true)) note_things(wanted, *fetched);
                view_.learn(wanted, *fetched);
                records_.open(life_, loop_.wall_now(), fetched->counts);
                if (!trouble_.empty()) log::info("store.recovered", "");
                trouble_.clear();
                settings_.status_changed();
                beat_later();
                if (!settings_.name.empty()) feed_timer_->start(Millis{0});
                be_idle();
              }));
}

/// What is told of things begins where this life began; what changed while nobody was there is told later.
void SharedEngine::note_things(const WantedRows& wanted, const FetchedRows& fetched) {
  std::size_t at = 0;
  for (const auto& [range, limit] : wanted.ranges()) {
    const auto& rows = fetched.ranges.at(at++);
    if (range.table != RowTable::things) continue;
    for (const StoredRow& row : rows) feed_.note(row);
  }
}

// --- tasks ----------------------------------------------------------------------------------------------------------

void SharedEngine::submit(std::unique_ptr<Task> task) {
  ++waiting_;
  if (reading_ && is_serving() && task->only_reads()) return reading_->submit(std::move(task));
  admit(std::move(task));
}

void SharedEngine::admit(std::unique_ptr<Task> task) {
  if (is_writable()) {
    arrived_.push_back({std::move(task), {}});
    return begin_soon();
  }
  Batch refused;
  refused.push_back({std::move(task), {}});
  tell(std::move(refused), Commit::failed);
}

void SharedEngine::be_idle() {
  state_ = State::idle;
  if (is_beat_due_) return beat();
  if (is_feed_due_) return read_feed();
  begin_soon();
}

/// What others changed is read before anybody is told of it.
void SharedEngine::read_feed() {
  is_feed_due_ = false;
  state_ = State::busy;
  cache_.begin_round(loop_.now());
  rows_.fetch(RowWants{.rows = {}, .ranges = feed_.wants(), .counts = {}},
              answered<std::optional<FetchedRows>>([this](auto fetched) {
                if (!fetched) return fail(nobody_there);
                const auto fresh = feed_.learn(fetched->ranges, [this](const StoredRow& row) {
                  cache_.learn({RowTable::things, row.key}, row);
                  records_.thing_changed(row.key);
                });
                if (!fresh.names.empty()) settings_.changed_elsewhere(fresh.names);
                feed_timer_->start(fresh.has_more ? Millis{0} : settings_.feed);
                be_idle();
              }));
}

/// A commit of nothing: whoever only reads says nothing.
void SharedEngine::beat() {
  state_ = State::busy;
  conflicts_ = 0;
  cache_.begin_round(loop_.now());
  view_.begin_batch(false);
  commit();
}

void SharedEngine::beat_later() {
  is_beat_due_ = false;
  beat_timer_->start(settings_.beat);
}

void SharedEngine::begin_soon() {
  if (state_ != State::idle || arrived_.empty() || std::exchange(is_posted_, true)) return;
  later([this] {
    is_posted_ = false;
    if (state_ == State::idle) gather();
  });
}

void SharedEngine::gather() {
  const std::size_t most = alone_ > 0 ? 1 : settings_.tasks_of_batch;
  if (alone_ > 0) --alone_;
  const auto end = arrived_.begin() + static_cast<std::ptrdiff_t>(std::min(most, arrived_.size()));
  batch_.assign(std::make_move_iterator(arrived_.begin()), std::make_move_iterator(end));
  arrived_.erase(arrived_.begin(), end);
  WantedRows wanted;
  for (Running& running : batch_) {
    wanted.add(running.wanted);
    if (!running.now) running.now = loop_.wall_now();
  }
  conflicts_ = 0;
  begin_batch(std::move(wanted));
}

/// Fetches what tasks have missed, if anything, and goes on.
void SharedEngine::begin_batch(WantedRows wanted) {
  state_ = State::busy;
  ++counts_.batches;
  cache_.begin_round(loop_.now());
  view_.begin_batch(conflicts_ > 0);
  std::vector<std::size_t> all(batch_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  read_ahead(std::move(all), std::move(wanted), rounds_ahead);
}

/// `tasks`: of the batch, those of which not all that they foresee is known to be here. `wanted`: what else is missing.
void SharedEngine::read_ahead(std::vector<std::size_t> tasks, WantedRows wanted, unsigned rounds_left) {
  std::erase_if(tasks, [&](std::size_t at) {
    const Running& running = batch_[at];
    Reads reads;
    running.task->foresee(reads);
    view_.begin_task();
    records_.begin(*running.now);
    bool is_here = true;
    try {
      records_.read_ahead(reads);
    } catch (const Unread&) {
      wanted.add(view_.wanted());
      is_here = false;
    }
    view_.drop_task();
    return is_here;
  });
  if (wanted.is_empty() || rounds_left == 0) return run();
  fetch(std::move(wanted),
        [this, tasks = std::move(tasks), rounds_left]() mutable { read_ahead(std::move(tasks), {}, rounds_left - 1); });
}

void SharedEngine::fetch(WantedRows wanted, std::move_only_function<void()> then) {
  ++counts_.rounds;
  RowWants wants = wants_of(wanted);
  rows_.fetch(std::move(wants), answered<std::optional<FetchedRows>>(
                                    [this, wanted = std::move(wanted), then = std::move(then)](auto fetched) mutable {
                                      if (!fetched) return fail(nobody_there);
                                      view_.learn(wanted, *fetched);
                                      then();
                                    }));
}

void SharedEngine::run() {
  Batch ran, again;
  for (Running& running : batch_) (run_task(running) ? ran : again).push_back(std::move(running));
  counts_.read_again += again.size();
  arrived_.insert(arrived_.begin(), std::make_move_iterator(again.begin()), std::make_move_iterator(again.end()));
  batch_ = std::move(ran);
  if (view_.has_changed()) return commit();
  view_.keep_batch(0);
  tell(std::exchange(batch_, {}), Commit::durable);
  be_idle();
}

/// False: it has to come again. What it decided without writing anything must be of rows that were fetched for it.
bool SharedEngine::run_task(Running& running) {
  view_.begin_task();
  records_.begin(*running.now);
  txn_.begin(*running.now);
  try {
    running.task->apply(txn_);
    records_.finish();
  } catch (const Unread&) {
    running.wanted.add(view_.wanted());
    view_.drop_task();
    return false;
  }
  if (!view_.has_task_changed() && !view_.old_rows().is_empty()) {
    running.wanted.add(view_.wanted());
    running.wanted.add(view_.old_rows());
    view_.drop_task();
    return false;
  }
  view_.keep_task();
  return true;
}

// --- commits --------------------------------------------------------------------------------------------------------

void SharedEngine::commit() {
  RowCommit commit{life_, sequence_ + 1, view_.changes()};
  stamp_ = commit.stamp();
  ThingFeed::mark(commit.changes, stamp_, loop_.wall_now());
  rows_.commit(std::move(commit), answered<CommitOutcome>([this](CommitOutcome outcome) { committed(outcome); }));
}

void SharedEngine::committed(CommitOutcome outcome) {
  switch (outcome) {
    case CommitOutcome::kept: return kept();
    case CommitOutcome::conflict: return conflicted();
    case CommitOutcome::fenced: return be_fenced();
    case CommitOutcome::in_doubt:
      ++counts_.doubts;
      state_ = State::in_doubt;
      doubt_since_ = loop_.now();
      return resolve();
    case CommitOutcome::down: return fail(nobody_there);
  }
}

void SharedEngine::kept() {
  ++sequence_;
  tasks_ += batch_.size();
  if (!batch_.empty()) batch_tasks_.observe(static_cast<double>(batch_.size()));
  view_.keep_batch(stamp_);
  beat_later();
  settings_.status_changed();
  tell(std::exchange(batch_, {}), Commit::durable);
  be_idle();
}

/// What it went by may be another by now.
WantedRows SharedEngine::forget_batch() {
  WantedRows touched = view_.touched();
  view_.drop_batch();
  for (const RowName& name : touched.rows()) cache_.forget(name);
  records_.forget_things();
  return touched;
}

void SharedEngine::begin_again() { begin_batch(forget_batch()); }

/// A batch that meets others again and again is taken apart; a task that does so alone has failed.
void SharedEngine::conflicted() {
  ++counts_.conflicts;
  ++conflicts_;
  const bool is_alone = batch_.size() == 1;
  if (conflicts_ < (is_alone ? settings_.conflicts_of_task : settings_.conflicts_of_batch)) return begin_again();
  forget_batch();
  if (is_alone) {
    log::warning("store.conflict", "tries={}", conflicts_);
    tell(std::exchange(batch_, {}), Commit::failed);
  } else {
    alone_ = batch_.size();
    arrived_.insert(arrived_.begin(), std::make_move_iterator(batch_.begin()), std::make_move_iterator(batch_.end()));
    batch_.clear();
  }
  be_idle();
}

void SharedEngine::resolve() {
  rows_.resolve(life_, answered<Resolved>([this](const Resolved& answer) { resolved(answer); }));
}

void SharedEngine::resolved(const Resolved& answer) {
  switch (answer.state) {
    case Resolved::State::fenced: return be_fenced();
    case Resolved::State::down:
      if (is_writable() && loop_.now() >= doubt_since_ + settings_.doubt_told_after) give_up_in_doubt();
      return after_a_while(&SharedEngine::resolve);
    case Resolved::State::known: break;
  }
  const bool is_kept = answer.sequence == sequence_ + 1;
  if (is_writable()) return is_kept ? kept() : begin_again();
  // The others were told that it failed. Everything is learnt anew, so that it is known what is there.
  if (is_kept) tell_kept();
  tell(std::exchange(patient_, {}), is_kept ? Commit::durable : Commit::failed);
  sequence_ = answer.sequence;
  view_.drop_batch();
  learn_all();
}

void SharedEngine::tell_kept() {
  std::vector<ThingName> things;
  for (const RowChange& change : view_.changes())
    if (change.name.table == RowTable::things)
      things.push_back({static_cast<ThingKind>(change.name.key.front()), change.name.key.substr(1)});
  if (!things.empty()) settings_.kept_after_all(std::move(things));
}

// --- trouble --------------------------------------------------------------------------------------------------------

bool SharedEngine::is_writable() const { return trouble_.empty(); }
bool SharedEngine::is_serving() const { return is_writable() && (state_ == State::idle || state_ == State::busy); }

/// Whoever waits is told, and whoever comes until it is over.
void SharedEngine::give_up_waiting(std::string_view why) {
  if (trouble_.empty())
    log::error("store.trouble", "reason=\"{}\" lost_tasks={}", why, batch_.size() + arrived_.size());
  trouble_ = why;
  settings_.status_changed();
  tell(std::exchange(batch_, {}), Commit::failed);
  Batch arrived(std::make_move_iterator(arrived_.begin()), std::make_move_iterator(arrived_.end()));
  arrived_.clear();
  alone_ = 0;
  tell(std::move(arrived), Commit::failed);
}

/// Whoever is patient is told so, and waits for the end.
void SharedEngine::give_up_in_doubt() {
  const auto patient =
      std::ranges::stable_partition(batch_, [](const Running& running) { return !running.task->is_patient(); });
  patient_.assign(std::make_move_iterator(patient.begin()), std::make_move_iterator(patient.end()));
  batch_.erase(patient.begin(), patient.end());
  for (Running& running : patient_) running.task->in_doubt();
  give_up_waiting(in_doubt);
}

void SharedEngine::fail(std::string_view why) {
  view_.drop_batch();
  give_up_waiting(why);
  state_ = State::opening;
  after_a_while(&SharedEngine::look_again);
}

/// It may have been taken over meanwhile.
void SharedEngine::look_again() {
  rows_.resolve(life_, answered<Resolved>([this](const Resolved& answer) {
                  if (answer.state == Resolved::State::fenced) return be_fenced();
                  if (answer.state == Resolved::State::down) return after_a_while(&SharedEngine::look_again);
                  sequence_ = answer.sequence;
                  learn_all();
                }));
}

/// For good: it is another process's turn.
void SharedEngine::be_fenced() {
  state_ = State::fenced;
  view_.drop_batch();
  tell(std::exchange(patient_, {}), Commit::failed);
  give_up_waiting(taken_over);
}

void SharedEngine::tell(Batch batch, Commit commit) {
  if (batch.empty()) return;
  later([this, batch = std::move(batch), commit]() mutable {
    for (Running& running : batch) {
      --waiting_;
      running.task->done(commit);
    }
  });
}

StoreStatus SharedEngine::status() const {
  StoreStatus status;
  status.is_writable = is_writable();
  status.trouble = trouble_.empty() ? records_.trouble() : trouble_;
  status.commits = sequence_;
  status.tasks = tasks_;
  status.batch_tasks = batch_tasks_;
  status.database = DatabaseStatus{.server = {},
                                   .reason = {},
                                   .fetches = counts_.rounds + (reading_ ? reading_->fetches() : 0),
                                   .read_again = counts_.read_again,
                                   .conflicts = counts_.conflicts,
                                   .doubts = counts_.doubts};
  return status;
}

}  // namespace xion
