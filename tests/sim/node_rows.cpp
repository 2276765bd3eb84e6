#include "sim/node_rows.h"

#include <utility>

namespace xion::sim {
namespace {

/// After so long without an answer the connection is given up.
constexpr Millis unheard_for{2'000};
/// Whoever looks after so long finds that a commit in doubt was kept, or not.
constexpr Millis doubtful_for{2'500};
/// Of commits that reach a database which is going: how many of them nobody can tell of.
constexpr double torn = 0.3;

}  // namespace

void NodeRows::heal() {
  line_->link = Link::whole;
  line_->habits = {.latency_min = line_->habits.latency_min, .latency_max = line_->habits.latency_max};
}

template <typename T>
void NodeRows::hear_in(Millis wait, Done<T> done, T answer) {
  const std::uint64_t number = ++last_timer_;
  auto timer = loop_.timer([this, number, done = std::move(done), answer = std::move(answer)]() mutable {
    const auto running = timers_.extract(number);  // It lives until this is over.
    done(std::move(answer));
  });
  timer->start(wait);
  timers_.emplace(number, std::move(timer));
}

template <typename T, typename Answer>
void NodeRows::ask(T away, T unheard, Done<T> done, Answer answer) {
  if (line_->link == Link::mute) return hear_in(unheard_for, std::move(done), std::move(unheard));
  auto arrived = [this, line = line_, alive = std::weak_ptr(alive_), away = std::move(away),
                  unheard = std::move(unheard), done = std::move(done), answer = std::move(answer)]() mutable {
    T told = line->is_away() ? std::move(away) : answer(*line);
    if (alive.expired()) return;
    const Millis back = line->latency();
    // Who is promoted meanwhile knows nothing of the question.
    const bool is_heard = line->link == Link::whole;
    hear_in(is_heard ? back : unheard_for, std::move(done), is_heard ? std::move(told) : std::move(unheard));
  };
  line_->agenda.after(line_->latency(), Agenda::world, std::move(arrived));
}

void NodeRows::join(NodeId node, Done<std::optional<NodeLife>> done) {
  ask<std::optional<NodeLife>>({}, {}, std::move(done),
                               [node](Line& line) { return std::optional(line.database.join(node)); });
}

void NodeRows::fetch(RowWants wants, Done<std::optional<FetchedRows>> done) {
  ask<std::optional<FetchedRows>>({}, {}, std::move(done), [wants = std::move(wants)](Line& line) {
    FetchedRows fetched = line.database.fetch(wants);
    if (wants.clock) fetched.clock = line.agenda.wall_now();
    return std::optional(std::move(fetched));
  });
}

CommitOutcome NodeRows::Line::take(const RowCommit& commit) {
  if (entropy.chance(habits.doubt)) {
    database.leave_in_doubt(commit, entropy.chance(0.5));
    agenda.after(entropy.between(Millis{0}, doubtful_for), Agenda::world,
                 [&db = database, node = commit.life.node] { db.settle(node); });
    return CommitOutcome::in_doubt;
  }
  if (entropy.chance(habits.conflict)) return CommitOutcome::conflict;
  return database.commit(commit);
}

void NodeRows::commit(RowCommit commit, Done<CommitOutcome> done) {
  const bool is_torn = line_->entropy.chance(torn);
  const CommitOutcome away = is_torn ? CommitOutcome::in_doubt : CommitOutcome::down;
  auto heard = [line = line_, done = std::move(done)](CommitOutcome outcome) mutable {
    // The answer of a database that has gone meanwhile arrives no more.
    done(outcome == CommitOutcome::kept && line->is_away() ? CommitOutcome::in_doubt : outcome);
  };
  ask<CommitOutcome>(away, CommitOutcome::in_doubt, std::move(heard),
                     [commit = std::move(commit)](Line& line) { return line.take(commit); });
}

void NodeRows::resolve(NodeLife life, Done<Resolved> done) {
  ask<Resolved>({Resolved::State::down}, {Resolved::State::down}, std::move(done), [life](Line& line) {
    const auto last = line.database.resolve(life);
    return last ? Resolved{Resolved::State::known, *last} : Resolved{Resolved::State::fenced};
  });
}

void NodeRows::note(RowNotes notes, Done<CommitOutcome> done) {
  ask<CommitOutcome>(CommitOutcome::down, CommitOutcome::in_doubt, std::move(done),
                     [notes = std::move(notes)](Line& line) { return line.database.note(notes); });
}

}  // namespace xion::sim
