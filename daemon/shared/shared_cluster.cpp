#include "shared/shared_cluster.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "shared/row_keys.h"

namespace xion {
namespace {

/// Things to be done once that wait to be asked about; one more is done, rather than forgotten.
constexpr std::size_t notices_at_most = 1'000;

/// Between two looks that follow each other at once.
constexpr Millis soon{20};

constexpr int beat_tenths = 2, hold_tenths = 7;

}  // namespace

// --- a wish ---------------------------------------------------------------------------------------------------------

class SharedCluster::Wish final : public Lease {
 public:
  Wish(SharedCluster& cluster, std::string name, LeaseChanged changed)
      : cluster_(cluster), name_(std::move(name)), changed_(std::move(changed)) {
    cluster_.wishes_[name_] = this;
    told_ = state();
  }
  ~Wish() override {
    if (const auto at = cluster_.wishes_.find(name_); at != cluster_.wishes_.end() && at->second == this)
      cluster_.wishes_.erase(at);
    if (cluster_.ours_.contains(name_)) cluster_.look_soon();
  }
  LeaseState state() const override {
    if (is_given_back_ || !cluster_.holds(name_)) return LeaseState::waiting;
    return is_recalled_ ? LeaseState::recalled : LeaseState::held;
  }
  void let_go() override {
    is_recalled_ = false;
    is_given_back_ = cluster_.ours_.contains(name_);
    told_ = LeaseState::waiting;
    if (is_given_back_) cluster_.look_soon();
  }

  void recall() { is_recalled_ = true; }
  bool is_recalled() const { return is_recalled_; }
  bool is_given_back() const { return is_given_back_; }
  /// It is somebody's again.
  void changed_hands() { is_given_back_ = is_recalled_ = false; }
  /// Where it is another than whoever wishes was told.
  void tell() {
    if (const LeaseState now = state(); now != std::exchange(told_, now)) changed_(now);
  }

 private:
  SharedCluster& cluster_;
  const std::string name_;
  LeaseChanged changed_;
  LeaseState told_ = LeaseState::waiting;
  bool is_recalled_ = false;
  bool is_given_back_ = false;  ///< And others don't know yet.
};

SharedCluster::SharedCluster(Loop& loop, Rows& rows, Settings settings)
    : loop_(loop),
      rows_(rows),
      settings_(std::move(settings)),
      timer_(loop.timer([this] { look(); })),
      lapse_timer_(loop.timer([this] { tell(); })) {}

SharedCluster::~SharedCluster() = default;

void SharedCluster::later(std::move_only_function<void()> work) {
  loop_.post([alive = std::weak_ptr(alive_), work = std::move(work)]() mutable {
    if (!alive.expired()) work();
  });
}

std::unique_ptr<Lease> SharedCluster::want(std::string name, LeaseChanged changed) {
  auto wish = std::make_unique<Wish>(*this, std::move(name), std::move(changed));
  look_soon();
  return wish;
}

void SharedCluster::leave() {
  is_leaving_ = true;
  look_soon();
}

void SharedCluster::stand_aside(bool is_aside) {
  if (std::exchange(is_aside_, is_aside) == is_aside) return;
  is_beat_due_ = true;
  look_soon();
}

std::vector<Peer> SharedCluster::peers() const {
  std::vector<Peer> peers;
  for (const auto& [node, seen] : nodes_)
    if (node != life_.node && lives(seen)) peers.push_back({node, seen.beat.name, seen.beat.report});
  return peers;
}

std::vector<NodeId> SharedCluster::bound_at(std::string_view carrier) const {
  std::vector<NodeId> nodes;
  for (const auto& [node, seen] : nodes_)
    if (node != life_.node && lives(seen) && seen.beat.report.has_bound(carrier)) nodes.push_back(node);
  return nodes;
}

std::vector<NodeId> SharedCluster::unfenced() const {
  std::vector<NodeId> nodes{life_.node};
  for (const auto& [node, seen] : nodes_)
    if (node != life_.node) nodes.push_back(node);
  return nodes;
}

std::optional<ClusterView> SharedCluster::view() const {
  ClusterView view{.nodes = {}, .leases = {}, .may_hold = is_held_now()};
  for (const auto& [node, seen] : nodes_)
    view.nodes.push_back({node, seen.beat.name, node == life_.node, loop_.now() - seen.since, seen.beat.report});
  std::ranges::stable_partition(view.nodes, &NodeView::is_self);
  const LeaseMap now = map();
  std::set<std::string> names = wished();
  for (const auto& [name, holder] : now.held) names.insert(name);
  for (const std::string& name : names) {
    const auto holder = now.held.find(name);
    const auto row = leases_.find(name);
    view.leases.push_back({name, holder == now.held.end() ? std::string() : nodes_.at(holder->second).beat.name,
                           row == leases_.end() ? 0 : row->second.row.epoch});
  }
  return view;
}

void SharedCluster::once(std::string name, Millis quiet_for, std::move_only_function<void()> act) {
  if (is_fenced_ || notices_.size() >= notices_at_most) return act();
  notices_.push_back({std::move(name), quiet_for, std::move(act)});
  look_soon();
}

// --- a life ---------------------------------------------------------------------------------------------------------

void SharedCluster::begin(NodeLife life) {
  life_ = life;
  has_begun_ = true;
  look_soon();
}

void SharedCluster::when_seen(std::move_only_function<void()> then) {
  if (is_seen_) return then();
  seen_ = std::move(then);
}

void SharedCluster::be_fenced() {
  if (std::exchange(is_fenced_, true)) return;
  ours_.clear();
  tell();
  // Rather twice than never: whether others did it can't be asked any more.
  for (Notice& notice : std::exchange(asked_, {})) notice.act();
  for (Notice& notice : std::exchange(notices_, {})) notice.act();
  settings_.fenced();
}

bool SharedCluster::is_held_now() const { return !is_fenced_ && loop_.now() < held_until_; }

/// Each in its turn, and none while it asks.
void SharedCluster::tell() {
  if (was_held_ && !is_held_now() && !is_leaving_) {
    ++counts_.lapsed;
    log::warning("cluster.leases.lapsed", "leases={} reason=\"{}\"", ours_.size(),
                 "the database did not take this node's beat in time");
  }
  was_held_ = is_held_now();
  later([this] {
    std::vector<std::string> names;
    for (const auto& [name, wish] : wishes_) names.push_back(name);
    for (const std::string& name : names)
      if (const auto at = wishes_.find(name); at != wishes_.end()) at->second->tell();
  });
}

// --- deciding -------------------------------------------------------------------------------------------------------

void SharedCluster::decide() {
  is_beat_due_ = is_beat_due_ || loop_.now() - beaten_at_ >= share_of_lease(beat_tenths) - Millis{1};
  if (is_beat_due_) add_beat();
  add_given_back();
  if (!is_seen_ || !is_held_now()) return;
  if (may_take()) add_taken();
  recall();
  add_fence();
}

void SharedCluster::add_beat() {
  BeatRow beat{.incarnation = life_.incarnation, .number = ++beats_, .name = settings_.name};
  if (may_take())
    for (const auto& [name, wish] : wishes_) beat.wishes.insert(lease_group(name));
  beat.report = report_();
  beat.report.clock_skew = skew_;
  beat.formats_read = formats_read();
  const auto own = nodes_.find(life_.node);
  const RowStamp before = own == nodes_.end() ? RowStamp{0} : own->second.stamp;
  RowNotes notes{.changes = {{row_keys::beat(life_.node), before, RowContent{to_row(beat)}}}};
  beaten_at_ = loop_.now();
  is_beat_due_ = false;
  add_step(std::move(notes), [this, sent_at = loop_.now()](CommitOutcome outcome) {
    if (outcome != CommitOutcome::kept) return;
    held_until_ = sent_at + share_of_lease(hold_tenths);
    lapse_timer_->start(std::max(Millis{0}, held_until_ - loop_.now()));
    if (held_until_ > loop_.now()) was_held_ = true;
    tell();
    if (!std::exchange(is_seen_, true)) look_soon();
    if (seen_) std::exchange(seen_, nullptr)();
  });
}

RowChange SharedCluster::lease_change(const std::string& name, bool is_held) const {
  const auto seen = leases_.find(name);
  LeaseRow row{life_.node, life_.incarnation, is_held, 1};
  if (seen != leases_.end()) row.epoch = seen->second.row.epoch + (is_held ? 1 : 0);
  return {row_keys::lease(name), seen == leases_.end() ? RowStamp{0} : seen->second.stamp, RowContent{to_row(row)}};
}

/// Those that nobody wishes for any more, and those that were let go.
void SharedCluster::add_given_back() {
  RowNotes notes;
  std::vector<std::string> names;
  for (const std::string& name : ours_) {
    const auto wish = wishes_.find(name);
    if (wish != wishes_.end() && !wish->second->is_given_back()) continue;
    notes.changes.push_back(lease_change(name, false));
    names.push_back(name);
  }
  if (names.empty()) return;
  add_step(std::move(notes), [this, names](CommitOutcome outcome) {
    if (outcome != CommitOutcome::kept) return;
    for (const std::string& name : names) {
      ours_.erase(name);
      if (const auto wish = wishes_.find(name); wish != wishes_.end()) wish->second->changed_hands();
      log::info("cluster.lease.given_back", "lease=\"{}\"", name);
    }
    look_soon();
  });
}

void SharedCluster::add_taken() {
  RowNotes notes;
  std::vector<std::string> names = leases_to_take(map(), wished(), free_before_);
  // What was just given back is in that look's rows as ours.
  std::erase_if(names, [this](const std::string& name) { return ours_.contains(name); });
  std::ranges::sort(names);
  for (const std::string& name : names) notes.changes.push_back(lease_change(name, true));
  if (names.empty()) return;
  add_step(std::move(notes), [this, names](CommitOutcome outcome) {
    if (outcome != CommitOutcome::kept) return;
    for (const std::string& name : names) {
      ours_.insert(name);
      ++counts_.taken;
      if (const auto wish = wishes_.find(name); wish != wishes_.end()) wish->second->changed_hands();
      log::info("cluster.lease.taken", "lease=\"{}\"", name);
    }
    tell();
  });
}

std::vector<std::string> SharedCluster::to_give_back() const {
  if (is_aside_) return {ours_.begin(), ours_.end()};
  if (loop_.now() - nodes_since_ < settings_.rebalance) return {};
  return leases_to_give_back(map(), wished());
}

void SharedCluster::recall() {
  for (const std::string& name : to_give_back()) {
    const auto wish = wishes_.find(name);
    if (wish == wishes_.end() || wish->second->is_recalled() || wish->second->is_given_back()) continue;
    wish->second->recall();
    tell();
  }
}

/// Who was silent for so long can't go on, whatever it believes. One at a time.
void SharedCluster::add_fence() {
  const auto silent = std::ranges::find_if(nodes_, [this](const auto& node) {
    return node.first != life_.node && loop_.now() - node.second.since >= settings_.lease;
  });
  if (silent == nodes_.end()) return;
  const auto& [node, seen] = *silent;
  const NodeLife dead{node, seen.beat.incarnation};
  RowNotes notes{.changes = {{row_keys::beat(node), seen.stamp, std::nullopt}}, .ends = dead};
  add_step(std::move(notes), [this, dead, name = seen.beat.name](CommitOutcome outcome) {
    if (outcome == CommitOutcome::conflict) return add_forgotten_beat(dead.node);
    if (outcome != CommitOutcome::kept) return;
    ++counts_.fenced;
    log::warning("cluster.node.fenced", "node={} number={} hint=\"{}\"", name, dead.node,
                 "it was silent for longer than [cluster] lease_seconds; what it left is taken over");
    look_soon();
  });
}

/// Its life may be over already, with a beat that is left of it: that goes where it is what was seen.
void SharedCluster::add_forgotten_beat(NodeId node) {
  const auto seen = nodes_.find(node);
  if (seen == nodes_.end()) return;
  RowNotes notes{.changes = {{row_keys::beat(node), seen->second.stamp, std::nullopt}}};
  add_step(std::move(notes), [](CommitOutcome) {});
}

/// Whoever is to do something once for all says so under its name, before it does it.
void SharedCluster::add_notices(const std::vector<std::optional<StoredRow>>& rows) {
  std::size_t at = 0;
  for (Notice& notice : std::exchange(asked_, {})) {
    const auto& row = rows.at(at++);
    const WallTime now = loop_.wall_now();
    const bool is_done = row && row_keys::moment_at(row->content.sorts[0]) + notice.quiet_for > now;
    if (is_done) continue;
    RowNotes notes{.changes = {{row_keys::notice(notice.name), row ? row->stamp : RowStamp{0},
                                RowContent{{}, {row_keys::moment(now)}}}}};
    add_step(std::move(notes), [this, notice = std::move(notice)](CommitOutcome outcome) mutable {
      if (outcome == CommitOutcome::kept) return notice.act();
      notices_.push_back(std::move(notice));
      look_soon();
    });
  }
}

// --- noting ---------------------------------------------------------------------------------------------------------

void SharedCluster::add_step(RowNotes notes, std::move_only_function<void(CommitOutcome)> then) {
  notes.stamp = note_stamp(life_, ++notes_);
  steps_.push_back({std::move(notes), std::move(then)});
}

/// One after the other; then it looks again after a while.
void SharedCluster::next_step() {
  if (steps_.empty()) {
    is_busy_ = false;
    if (!is_fenced_) timer_->start(is_wanted_again_ ? soon : between_looks());
    return;
  }
  Step step = std::move(steps_.front());
  steps_.pop_front();
  rows_.note(std::move(step.notes),
             answered<CommitOutcome>([this, then = std::move(step.then)](CommitOutcome outcome) mutable {
               then(outcome);
               next_step();
             }));
}

}  // namespace xion
