#pragma once
#include <cstdint>
#include <map>
#include <memory>

#include "sim/agenda.h"
#include "sim/shared_database.h"

namespace xion::sim {

/// What is between a node and its database.
enum class Link : std::uint8_t {
  whole,
  deaf,  ///< What the node says arrives, and it hears nothing.
  mute,  ///< What it says does not arrive.
};

/// The way to the database of one node among others. What it has sent arrives though it dies or stands still, and each
/// node has a link of its own that may fail.
class NodeRows final : public Rows {
 public:
  NodeRows(Loop& loop, Agenda& agenda, SharedDatabase& database, Seeded entropy, DatabaseHabits habits)
      : loop_(loop),
        line_(std::make_shared<Line>(agenda, database, entropy, habits)),
        alive_(std::make_shared<bool>(true)) {}

  void set_link(Link link) { line_->link = link; }
  /// Everything goes well from here on.
  void heal();

  void join(NodeId node, Done<std::optional<NodeLife>> done) override;
  void fetch(RowWants wants, Done<std::optional<FetchedRows>> done) override;
  void commit(RowCommit commit, Done<CommitOutcome> done) override;
  void resolve(NodeLife life, Done<Resolved> done) override;
  void note(RowNotes notes, Done<CommitOutcome> done) override;

 private:
  /// What outlives the process: octets that are under way.
  struct Line {
    Line(Agenda& of, SharedDatabase& to, Seeded drawn, DatabaseHabits how)
        : agenda(of), database(to), entropy(drawn), habits(how) {}
    Millis latency() { return entropy.between(habits.latency_min, habits.latency_max); }
    bool is_away() const { return agenda.now() < database.away_until(); }
    CommitOutcome take(const RowCommit& commit);

    Agenda& agenda;
    SharedDatabase& database;
    Seeded entropy;
    DatabaseHabits habits;
    Link link = Link::whole;
  };
  /// `answer` is asked when the question has arrived; where it or its answer gets lost the node hears `unheard`.
  template <typename T, typename Answer>
  void ask(T away, T unheard, Done<T> done, Answer answer);
  template <typename T>
  void hear_in(Millis wait, Done<T> done, T answer);

  Loop& loop_;
  std::shared_ptr<Line> line_;
  std::map<std::uint64_t, std::unique_ptr<Timer>> timers_;
  std::uint64_t last_timer_ = 0;
  std::shared_ptr<bool> alive_;
};

}  // namespace xion::sim
