#include "sim/perfect_cluster.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace xion::sim {
namespace {

constexpr Millis beats_each{1'000};
/// As the lease of 5 s has it.
constexpr Millis held_for{3'500}, taken_after{5'000};
/// Of beats: one of the binds is wanted elsewhere.
constexpr double recalled = 0.02;

}  // namespace

class PerfectCluster::Wish final : public Lease {
 public:
  Wish(Part& part, std::string name, LeaseChanged changed);
  ~Wish() override;
  LeaseState state() const override;
  void let_go() override;
  void turn(LeaseState state) {
    now = state;
    tell_soon();
  }
  /// In a turn of the node, where it is another than what it knows.
  void tell_soon();

  Part& part;
  const std::string name;
  LeaseState now = LeaseState::waiting;

 private:
  LeaseChanged changed_;
  LeaseState told_ = LeaseState::waiting;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// What a node sees of it.
class PerfectCluster::Part final : public Cluster {
 public:
  Part(PerfectCluster& of_all, NodeId of_node, std::string named, Agenda::Owner of_life)
      : all(of_all), node(of_node), name(std::move(named)), life(of_life) {}
  ~Part() override {
    if (const auto at = all.parts_.find(node); at != all.parts_.end() && at->second == this) all.parts_.erase(at);
  }
  NodeId self() const override { return node; }
  std::unique_ptr<Lease> want(std::string lease, LeaseChanged changed) override {
    return std::make_unique<Wish>(*this, std::move(lease), std::move(changed));
  }
  void leave() override { is_leaving = true; }
  std::vector<Peer> peers() const override {
    std::vector<Peer> others;
    for (const auto& [at, part] : all.parts_) {
      const auto report = all.reports_.find(at);
      if (at != node && report != all.reports_.end()) others.push_back({at, part->name, report->second});
    }
    return others;
  }
  std::vector<NodeId> unfenced() const override {
    std::vector<NodeId> nodes;
    for (const auto& [at, part] : all.parts_) nodes.push_back(at);
    return nodes;
  }
  void report_by(std::function<NodeReport()> report) override { report_ = std::move(report); }
  void on_changed_elsewhere(ChangedElsewhere changed) override { changed_ = std::move(changed); }
  void tell_changed(std::span<const ThingName> things) override {
    if (changed_) changed_(things);
  }
  void once(std::string subject, Millis quiet_for, std::move_only_function<void()> act) override {
    const MonoTime now = all.agenda_.now();
    const auto at = all.done_once_.find(subject);
    if (at != all.done_once_.end() && now - at->second < quiet_for) return;
    all.done_once_[subject] = now;
    act();
  }
  void report() {
    if (report_) all.reports_[node] = report_();
  }
  /// As soon as it hears anything.
  void tell(std::vector<ThingName> things, Millis wait) {
    all.agenda_.after(wait, life, [this, things = std::move(things)]() mutable {
      if (all.is_silent(node)) return tell(std::move(things), Millis{500});
      if (changed_) changed_(things);
    });
  }

  PerfectCluster& all;
  const NodeId node;
  const std::string name;
  const Agenda::Owner life;
  std::map<std::string, Wish*> wishes;
  bool is_leaving = false;
  bool is_dead = false;

 private:
  std::function<NodeReport()> report_;
  ChangedElsewhere changed_;
};

// --- wishes ---------------------------------------------------------------------------------------------------------

PerfectCluster::Wish::Wish(Part& of, std::string named, LeaseChanged changed)
    : part(of), name(std::move(named)), changed_(std::move(changed)) {
  part.wishes[name] = this;
  part.all.grant_soon(name);
}

PerfectCluster::Wish::~Wish() {
  *alive_ = false;
  part.wishes.erase(name);
  if (!part.is_dead) part.all.release(name, part.life);
}

LeaseState PerfectCluster::Wish::state() const {
  const auto silence = part.all.silences_.find(part.node);
  const bool has_lapsed =
      silence != part.all.silences_.end() && part.all.agenda_.now() >= silence->second.since + held_for;
  return has_lapsed ? LeaseState::waiting : now;
}

void PerfectCluster::Wish::let_go() {
  now = told_ = LeaseState::waiting;
  part.all.release(name, part.life);
}

void PerfectCluster::Wish::tell_soon() {
  part.all.agenda_.after(Millis{0}, part.life, [this, alive = std::weak_ptr(alive_)] {
    if (alive.expired() || state() == told_) return;
    told_ = state();
    changed_(told_);
  });
}

// --- members --------------------------------------------------------------------------------------------------------

std::unique_ptr<Cluster> PerfectCluster::join(NodeId node, std::string name, Agenda::Owner life) {
  silences_.erase(node);
  reports_.erase(node);
  for (auto& [lease, holder] : holders_)
    if (holder.node == node) holder = {node, 0};
  auto part = std::make_unique<Part>(*this, node, std::move(name), life);
  parts_[node] = part.get();
  take_from(0);
  return part;
}

void PerfectCluster::died(NodeId node) {
  const auto at = parts_.find(node);
  if (at == parts_.end()) return;
  Part& part = *at->second;
  part.is_dead = true;
  parts_.erase(at);
  agenda_.after(entropy_.between(taken_after, taken_after + Millis{500}), Agenda::world,
                [this, node, life = part.life] {
                  if (parts_.contains(node)) return;
                  fence(node);
                  reports_.erase(node);
                  take_from(life);
                });
}

bool PerfectCluster::is_silent(NodeId node) const {
  const auto at = silences_.find(node);
  return at != silences_.end() && agenda_.now() < at->second.until;
}

void PerfectCluster::silence(NodeId node, MonoTime until, bool is_heard) {
  if (!parts_.contains(node)) return;
  auto& silence = silences_[node];
  if (silence.until <= agenda_.now()) silence = {agenda_.now(), until, is_heard};
  silence.until = std::max(silence.until, until);
  silence.is_heard &= is_heard;
  for (const MonoTime at : {silence.since + held_for, silence.since + taken_after, silence.until})
    agenda_.at(at, Agenda::world, [this, node] { look_at(node); });
}

/// Has its silence come to what takes something from it, or to an end?
void PerfectCluster::look_at(NodeId node) {
  const auto at = silences_.find(node);
  const auto found = parts_.find(node);
  if (at == silences_.end() || found == parts_.end()) return;
  Part& part = *found->second;
  const Silence silence = at->second;
  const MonoTime now = agenda_.now();
  if (now >= silence.until) {
    silences_.erase(at);
    for (auto& [name, wish] : part.wishes) wish->tell_soon();
    for (auto& [name, wish] : part.wishes) grant_soon(name);
    return;
  }
  // What has lapsed is its own again if somebody hears it in time.
  for (auto& [name, wish] : part.wishes) wish->tell_soon();
  if (now >= silence.since + taken_after && !silence.is_heard) {
    fence(node);
    reports_.erase(node);
    part.is_dead = true;
    for (auto& [name, wish] : part.wishes) wish->now = LeaseState::waiting;
    const Agenda::Owner life = part.life;
    parts_.erase(node);
    take_from(life);
  }
}

void PerfectCluster::hear_all() {
  for (auto& [node, silence] : silences_) silence.until = agenda_.now();
  const auto silent = silences_;
  for (const auto& [node, silence] : silent) look_at(node);
}

void PerfectCluster::heal() {
  recalls_ = false;
  hear_all();
}

void PerfectCluster::beat() {
  for (auto& [node, part] : parts_) {
    if (is_silent(node)) continue;
    agenda_.after(Millis{0}, part->life, [part = part] { part->report(); });
  }
  if (recalls_ && entropy_.chance(recalled)) recall_one();
  std::set<std::string> wanted;
  for (const auto& [node, part] : parts_)
    for (const auto& [name, wish] : part->wishes) wanted.insert(name);
  for (const std::string& name : wanted)
    if (!holders_.contains(name)) grant(name);
  agenda_.after(beats_each, Agenda::world, [this] { beat(); });
}

void PerfectCluster::changed(NodeId by, const std::vector<ThingName>& things) {
  for (auto& [node, part] : parts_)
    if (node != by) part->tell(things, entropy_.between(Millis{50}, Millis{2'000}));
}

void PerfectCluster::tell_again(NodeId node, const std::vector<ThingName>& things) {
  if (const auto part = parts_.find(node); part != parts_.end()) part->second->tell(things, Millis{0});
}

// --- leases ---------------------------------------------------------------------------------------------------------

void PerfectCluster::grant_soon(const std::string& name) {
  agenda_.after(entropy_.between(Millis{10}, Millis{500}), Agenda::world, [this, name] { grant(name); });
}

std::size_t PerfectCluster::held_by(NodeId node) const {
  return static_cast<std::size_t>(
      std::ranges::count(std::views::values(holders_), node, [](const Holder& holder) { return holder.node; }));
}

/// To whoever has the fewest.
void PerfectCluster::grant(const std::string& name) {
  if (holders_.contains(name)) return;
  Part* best = nullptr;
  std::size_t least = 0;
  for (const auto& [node, part] : parts_) {
    if (!part->wishes.contains(name) || part->is_leaving || is_silent(node)) continue;
    const std::size_t held = held_by(node);
    if (best != nullptr && held >= least) continue;
    best = part;
    least = held;
  }
  if (best == nullptr) return;
  holders_[name] = {best->node, best->life};
  best->wishes.at(name)->turn(LeaseState::held);
}

PerfectCluster::Wish* PerfectCluster::wish_of(const Holder& holder, const std::string& name) {
  const auto part = parts_.find(holder.node);
  if (part == parts_.end() || part->second->life != holder.life) return nullptr;
  const auto wish = part->second->wishes.find(name);
  return wish == part->second->wishes.end() ? nullptr : wish->second;
}

void PerfectCluster::recall_one() {
  if (holders_.empty()) return;
  const auto at = std::next(holders_.begin(), static_cast<std::ptrdiff_t>(entropy_.below(holders_.size())));
  Wish* wish = wish_of(at->second, at->first);
  if (wish != nullptr && wish->state() == LeaseState::held) wish->turn(LeaseState::recalled);
}

void PerfectCluster::release(const std::string& name, Agenda::Owner life) {
  const auto at = holders_.find(name);
  if (at == holders_.end() || at->second.life != life) return;
  holders_.erase(at);
  grant_soon(name);
}

void PerfectCluster::take_from(Agenda::Owner life) {
  std::vector<std::string> freed;
  for (const auto& [name, holder] : holders_)
    if (holder.life == life) freed.push_back(name);
  for (const std::string& name : freed) release(name, life);
}

}  // namespace xion::sim
