#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "ports/cluster.h"
#include "ports/loop.h"
#include "ports/rows.h"
#include "shared/config_watch.h"
#include "shared/lease_shares.h"
#include "shared/member_rows.h"

namespace xion {

/// The nodes on one database, as one of them sees them: it looks at what all of them note there, says that it lives,
/// takes leases that nobody living holds, and ends the life of who was silent for too long.
///
///     a beat each 0.2 L · what is held is held until 0.7 L after the beat that was sent last and kept · silent for L
///
/// No hour of anybody's clock matters: silence is measured by whoever hears it, and only while it can hear. So who is
/// taken for dead has let go of everything 0.3 L before, unless its clock stood still; and its commits fail.
///
/// On one thread, the loop's; `Rows` are its own, beside those of the store.
class SharedCluster final : public Cluster {
 public:
  struct Settings {
    std::string name;          ///< Of the node.
    Millis lease{5'000};       ///< L
    Millis rebalance{60'000};  ///< So long nobody came or went before anybody gives back what others lack.
    /// Told once: others took this node for dead, and it can't write any more.
    std::function<void()> fenced = [] {};
  };
  SharedCluster(Loop& loop, Rows& rows, Settings settings);
  ~SharedCluster() override;

  /// This node's life has begun. One that ends in order takes its beat with it (`PgRows::leave`).
  void begin(NodeLife life);
  void when_seen(std::move_only_function<void()> then) override;

  NodeId self() const override { return life_.node; }
  std::string name() const override { return settings_.name; }
  std::unique_ptr<Lease> want(std::string name, LeaseChanged changed) override;
  void leave() override;
  void stand_aside(bool is_aside) override;
  std::vector<Peer> peers() const override;
  std::vector<NodeId> unfenced() const override;
  std::vector<NodeId> bound_at(std::string_view carrier) const override;
  std::optional<ClusterView> view() const override;
  void report_by(std::function<NodeReport()> report) override { report_ = std::move(report); }
  void on_changed_elsewhere(ChangedElsewhere changed) override { changed_ = std::move(changed); }
  void once(std::string name, Millis quiet_for, std::move_only_function<void()> act) override;
  void tell_changed(std::span<const ThingName> things) override { changed_(things); }

  /// How it went, since start.
  struct Counts {
    std::uint64_t taken = 0;   ///< Leases.
    std::uint64_t lapsed = 0;  ///< Times that everything had to be let go, since nobody could be told of this life.
    std::uint64_t fenced = 0;  ///< Others' lives that ended.
  };
  const Counts& counts() const { return counts_; }

 private:
  class Wish;
  /// A node that says that it lives.
  struct Seen {
    BeatRow beat;
    RowStamp stamp = 0;
    MonoTime since{};  ///< It has said nothing else.
  };
  struct SeenLease {
    LeaseRow row;
    RowStamp stamp = 0;
  };
  struct Notice {
    std::string name;
    Millis quiet_for{};
    std::move_only_function<void()> act;
  };
  /// Something to be noted, and what follows when its end is known.
  struct Step {
    RowNotes notes;
    std::move_only_function<void(CommitOutcome)> then;
  };

  /// The rows' answers may come when nobody is left to hear them.
  template <typename T, typename Then>
  auto answered(Then then) {
    return [alive = std::weak_ptr(alive_), then = std::move(then)](T answer) mutable {
      if (!alive.expired()) then(std::move(answer));
    };
  }
  Millis share_of_lease(int tenths) const { return settings_.lease * tenths / 10; }
  Millis between_looks() const { return share_of_lease(1); }
  void later(std::move_only_function<void()> work);
  void look();
  void look_soon();
  void looked(const FetchedRows& fetched);
  void see_clock(const std::optional<WallTime>& clock);
  void see_configs();
  void see_nodes(const std::vector<StoredRow>& rows);
  void see_leases(const std::vector<StoredRow>& rows);
  bool lives(const Seen& seen) const { return loop_.now() < seen.since + settings_.lease; }
  bool is_held_now() const;
  bool holds(const std::string& name) const { return ours_.contains(name) && is_held_now(); }
  LeaseMap map() const;
  std::set<std::string> wished() const;

  void decide();
  bool may_take() const { return !is_leaving_ && !is_aside_; }
  void add_beat();
  void add_given_back();
  void add_taken();
  std::vector<std::string> to_give_back() const;
  void recall();
  void add_fence();
  void add_forgotten_beat(NodeId node);
  void add_notices(const std::vector<std::optional<StoredRow>>& rows);
  void add_step(RowNotes notes, std::move_only_function<void(CommitOutcome)> then);
  void next_step();
  RowChange lease_change(const std::string& name, bool is_held) const;

  void be_fenced();
  void tell();

  Loop& loop_;
  Rows& rows_;
  const Settings settings_;
  NodeLife life_;
  std::uint64_t notes_ = 0;
  bool has_begun_ = false, is_leaving_ = false, is_aside_ = false, is_fenced_ = false;
  bool is_seen_ = false;  ///< By others: its first beat was kept.
  std::move_only_function<void()> seen_;

  bool is_busy_ = false, is_wanted_again_ = false;
  std::unique_ptr<Timer> timer_;        ///< Of the next look.
  std::unique_ptr<Timer> lapse_timer_;  ///< Of the end of what is held.
  MonoTime asked_at_{};                 ///< When the look under way began.
  std::optional<MonoTime> looked_at_;   ///< When rows were seen last.
  std::optional<Millis> skew_;          ///< Of this machine's clock, ahead of the database's.
  bool is_clock_off_ = false;           ///< So far that it was told.
  ConfigWatch config_watch_;
  std::map<NodeId, Seen> nodes_;  ///< Those who live.
  MonoTime nodes_since_{};        ///< They, and what they wish for, are the same.
  std::map<std::string, SeenLease> leases_;
  std::set<std::string> free_before_;

  std::uint64_t beats_ = 0;
  bool is_beat_due_ = true;
  MonoTime beaten_at_{}, held_until_{};
  bool was_held_ = false;
  std::set<std::string> ours_;  ///< Leases that are this life's, as far as it can hold any.
  std::map<std::string, Wish*> wishes_;
  std::deque<Step> steps_;
  std::deque<Notice> notices_;
  std::vector<Notice> asked_;  ///< Those that the look under way asks for.

  std::function<NodeReport()> report_ = [] { return NodeReport{}; };
  ChangedElsewhere changed_ = [](std::span<const ThingName>) {};
  Counts counts_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace xion
