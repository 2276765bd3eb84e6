#include "shared/shared_cluster.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "shared/row_keys.h"

namespace xion {
namespace {

constexpr std::size_t leases_at_most = 4'096;
/// Things to be done once that wait to be asked about; one more is done, rather than forgotten.
constexpr std::size_t notices_at_most = 1'000;

/// Between two looks that follow each other at once.
constexpr Millis soon{20};

Millis share_of(Millis lease, int tenths) { return lease * tenths / 10; }
constexpr int look_tenths = 1, beat_tenths = 2, hold_tenths = 7;

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

/// The rows' answers may come when nobody is left to hear them.
template <typename T, typename Then>
auto SharedCluster::answered(Then then) {
  return [alive = std::weak_ptr(alive_), then = std::move(then)](T answer) mutable {
    if (!alive.expired()) then(std::move(answer));
  };
}

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

std::vector<Peer> SharedCluster::peers() const {
  std::vector<Peer> peers;
  for (const auto& [node, seen] : nodes_)
    if (node != life_.node && loop_.now() < seen.since + settings_.lease)
      peers.push_back({node, seen.beat.name, seen.beat.report});
  return peers;
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
  for (const auto& [name, seen] : leases_) {
    const auto holder = now.held.find(name);
    view.leases.push_back(
        {name, holder == now.held.end() ? std::string() : nodes_.at(holder->second).beat.name, seen.row.epoch});
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

// --- looking --------------------------------------------------------------------------------------------------------

void SharedCluster::look_soon() {
  if (!has_begun_ || is_fenced_) return;
  if (is_busy_)
    is_wanted_again_ = true;
  else
    timer_->start(Millis{0});
}

void SharedCluster::look() {
  if (is_busy_ || is_fenced_) return;
  is_busy_ = true;
  is_wanted_again_ = false;
  asked_.assign(std::make_move_iterator(notices_.begin()), std::make_move_iterator(notices_.end()));
  notices_.clear();
  RowWants wants;
  for (const Notice& notice : asked_) wants.rows.push_back(row_keys::notice(notice.name));
  wants.ranges = {{{.table = RowTable::beats, .from = {}, .to = {}}, nodes_of_cluster},
                  {{.table = RowTable::leases, .from = {}, .to = {}}, leases_at_most}};
  rows_.fetch(std::move(wants), answered<std::optional<FetchedRows>>([this](std::optional<FetchedRows> fetched) {
                if (fetched) return looked(*fetched);
                std::ranges::move(std::exchange(asked_, {}), std::back_inserter(notices_));
                next_step();
              }));
}

void SharedCluster::looked(const FetchedRows& fetched) {
  see_nodes(fetched.ranges.at(0));
  see_leases(fetched.ranges.at(1));
  looked_at_ = loop_.now();
  const auto own = nodes_.find(life_.node);
  if (is_seen_ && (own == nodes_.end() || own->second.beat.incarnation != life_.incarnation)) return be_fenced();
  decide();
  add_notices(fetched.rows);
  std::set<std::string> free;
  const LeaseMap seen = map();
  for (const std::string& name : wished())
    if (!seen.held.contains(name)) free.insert(name);
  free_before_ = std::move(free);
  next_step();
}

/// After a while in which nothing could be seen everybody's silence begins anew.
void SharedCluster::see_nodes(const std::vector<StoredRow>& rows) {
  const MonoTime now = loop_.now();
  const Millis gap = share_of(settings_.lease, look_tenths) * 5 / 2;
  const bool was_blind = !looked_at_ || now - *looked_at_ > gap;
  std::map<NodeId, Seen> nodes;
  for (const StoredRow& row : rows) {
    const auto node = row_keys::node_of_beat(row.key);
    auto beat = beat_from(row.content.record);
    if (!node || !beat) continue;
    const auto before = nodes_.find(*node);
    const bool is_silent = before != nodes_.end() && before->second.stamp == row.stamp && !was_blind;
    nodes.emplace(*node, Seen{std::move(*beat), row.stamp, is_silent ? before->second.since : now});
  }
  const auto is_same = [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.beat.incarnation == b.second.beat.incarnation &&
           a.second.beat.wishes == b.second.beat.wishes;
  };
  if (!std::ranges::equal(nodes, nodes_, is_same)) nodes_since_ = now;
  for (const auto& [node, seen] : nodes)
    if (node != life_.node && !nodes_.contains(node))
      log::info("cluster.node.joined", "node={} number={}", seen.beat.name, node);
  for (const auto& [node, seen] : nodes_)
    if (node != life_.node && !nodes.contains(node))
      log::info("cluster.node.left", "node={} number={}", seen.beat.name, node);
  nodes_ = std::move(nodes);
}

void SharedCluster::see_leases(const std::vector<StoredRow>& rows) {
  leases_.clear();
  for (const StoredRow& row : rows)
    if (const auto lease = lease_from(row.content.record)) leases_.emplace(row.key, SeenLease{*lease, row.stamp});
  std::set<std::string> ours;
  for (const auto& [name, seen] : leases_)
    if (seen.row.is_held && seen.row.node == life_.node && seen.row.incarnation == life_.incarnation) ours.insert(name);
  if (ours != ours_) {
    ours_ = std::move(ours);
    tell();
  }
}

LeaseMap SharedCluster::map() const {
  LeaseMap map{.self = life_.node, .held = {}, .wishes = {}};
  for (const auto& [node, seen] : nodes_) map.wishes[node] = seen.beat.wishes;
  for (const auto& [name, seen] : leases_) {
    const auto holder = nodes_.find(seen.row.node);
    const bool lives = holder != nodes_.end() && holder->second.beat.incarnation == seen.row.incarnation;
    if (seen.row.is_held && lives) map.held.emplace(name, seen.row.node);
  }
  return map;
}

std::set<std::string> SharedCluster::wished() const {
  std::set<std::string> names;
  for (const auto& [name, wish] : wishes_) names.insert(name);
  return names;
}

// --- deciding -------------------------------------------------------------------------------------------------------

void SharedCluster::decide() {
  if (beats_ == 0 || loop_.now() - beaten_at_ >= share_of(settings_.lease, beat_tenths) - Millis{1}) add_beat();
  add_given_back();
  if (!is_seen_ || !is_held_now()) return;
  if (!is_leaving_) add_taken();
  recall();
  add_fence();
}

void SharedCluster::add_beat() {
  BeatRow beat{.incarnation = life_.incarnation, .number = ++beats_, .name = settings_.name};
  if (!is_leaving_)
    for (const auto& [name, wish] : wishes_) beat.wishes.insert(lease_group(name));
  beat.report = report_();
  const auto own = nodes_.find(life_.node);
  const RowStamp before = own == nodes_.end() ? RowStamp{0} : own->second.stamp;
  RowNotes notes{.changes = {{row_keys::beat(life_.node), before, RowContent{to_row(beat)}}}};
  beaten_at_ = loop_.now();
  add_step(std::move(notes), [this, sent_at = loop_.now()](CommitOutcome outcome) {
    if (outcome != CommitOutcome::kept) return;
    held_until_ = sent_at + share_of(settings_.lease, hold_tenths);
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

void SharedCluster::recall() {
  if (loop_.now() - nodes_since_ < settings_.rebalance) return;
  for (const std::string& name : leases_to_give_back(map(), wished())) {
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
    if (!is_fenced_) timer_->start(is_wanted_again_ ? soon : share_of(settings_.lease, look_tenths));
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
