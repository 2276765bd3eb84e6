// Several nodes on one database: who of them is asked, what goes wrong between them, and what is true of all of them.
#include <algorithm>
#include <set>
#include <utility>

#include "base/assert.h"
#include "core/otp/world.h"
#include "sim/simulated_world.h"

namespace xion::sim {
namespace {

constexpr NodeId numbers_of_nodes = 64;
/// What a node that stood still has on a carrier's wire is gone by then.
constexpr Millis lets_go_in{2'500};
/// Nor does a carrier hear that a link is over which was cut, until it misses an answer.
constexpr Millis silence_noticed_in{60'000};
/// A link that is lost drains so long, and somebody hears of it.
constexpr Millis recovers_from_silence_in{8'000};

}  // namespace

/// The only one has a clock that is right.
void World::make_nodes(std::size_t count) {
  nodes_.resize(count);
  if (count == 1) return;
  ledger_.expect_many();
  wire_.expect_many();
  wire_.was_bound = [this](const auto& carrier, const auto& binds) { check_binds(carrier, binds); };
  database_.on_kept = [this](const RowCommit& commit, bool is_of_now) { check_commit(commit, is_of_now); };
  database_.faults = {.knows_no_stamps = mutation_ == Mutation::no_stamps,
                      .knows_no_fence = mutation_ == Mutation::no_fence,
                      .parks_unguarded = mutation_ == Mutation::parks_unguarded};
  cluster_.fence = [this](NodeId node) { database_.fence(node); };
  Seeded entropy = entropy_of_nodes_.fork("nodes");
  std::set<NodeId> taken;
  for (Node& node : nodes_) {
    do {
      node.number = static_cast<NodeId>(entropy.below(numbers_of_nodes));
    } while (!taken.insert(node.number).second);
    node.name = fmt::format("node-{}", node.number);
    if (entropy.chance(0.5)) node.clock.drift = static_cast<double>(entropy.between(-100, 100)) / 1'000;
    if (!entropy.chance(0.7)) continue;
    node.clock.off_most = entropy.between(Millis{50}, Millis{2'000});
    node.clock.off_first = entropy.between(Millis{0}, Millis{1'000'000});
    node.clock.off_pace = static_cast<double>(entropy.between(0, 100)) / 1'000;
  }
}

World::Node* World::node_of(Agenda::Owner life) {
  const auto at =
      std::ranges::find_if(nodes_, [&](const Node& node) { return node.process && node.process->life() == life; });
  return at == nodes_.end() ? nullptr : &*at;
}

World::Node& World::any_node() {
  return is_of_many() ? nodes_[entropy_of_nodes_.below(nodes_.size())] : nodes_.front();
}

/// The load balancer: a node that is up, as far as it knows.
World::Node* World::node_for(const Ask& ask) {
  std::vector<std::size_t> up;
  for (std::size_t at = 0; at < nodes_.size(); ++at)
    if (nodes_[at].process && nodes_[at].process->is_ready()) up.push_back(at);
  if (up.empty()) return nullptr;
  if (!is_of_many()) return &nodes_[up.front()];
  std::size_t chosen = up[entropy_of_nodes_.below(up.size())];
  const auto stuck = sticks_to_.find(ask.phone);
  const bool is_sticky = entropy_of_nodes_.chance(habits.nodes.sticky);
  if (is_sticky && stuck != sticks_to_.end() && std::ranges::count(up, stuck->second) > 0) chosen = stuck->second;
  sticks_to_[ask.phone] = chosen;
  return &nodes_[chosen];
}

// --- what goes wrong ------------------------------------------------------------------------------------------------

void World::plan(Millis NodeHabits::* every, void (World::*act)()) {
  if (habits.nodes.*every == Millis{0} || !is_of_many()) return;
  const Millis about = habits.nodes.*every;
  agenda_.after(entropy_of_nodes_.between(about / 2, about * 3 / 2), Agenda::world, [this, every, act] {
    if (habits.nodes.*every == Millis{0}) return;
    (this->*act)();
    plan(every, act);
  });
}

/// What is answered until then, and some time after, may be lost to the nodes.
void World::be_troubled(MonoTime until) {
  ledger_.store_fails_until(until + recovers_from_silence_in);
  for (MonoTime at = std::max(troubled_until_, agenda_.now()); at <= until; at += Millis{500})
    agenda_.at(at, Agenda::world, [this] { wire_.on_trouble(); });
  troubled_until_ = std::max(troubled_until_, until);
}

void World::freeze_one() {
  Node& node = any_node();
  if (!node.process || !node.process->is_ready() || is_frozen(node)) return;
  const MonoTime until = agenda_.now() + entropy_of_nodes_.between(habits.nodes.span_min, habits.nodes.span_max);
  chronicle_.note("{} stands still", node.name);
  be_troubled(until);
  node.frozen_until = until;
  node.excused_until = until + lets_go_in;
  agenda_.freeze(node.process->life(), until);
  cluster_.silence(node.number, until, false);
}

void World::cut_off_one() {
  Node& node = any_node();
  if (!node.process || !node.process->is_ready()) return;
  const Millis span = entropy_of_nodes_.between(habits.nodes.span_min, habits.nodes.span_max);
  const bool is_deaf = entropy_of_nodes_.chance(0.4);
  chronicle_.note("{} is cut off its database{}", node.name, is_deaf ? ", but for what it says" : "");
  be_troubled(agenda_.now() + span);
  node.process->set_link(is_deaf ? Link::deaf : Link::mute);
  cluster_.silence(node.number, agenda_.now() + span, is_deaf);
  agenda_.after(span, Agenda::world, [&node, life = node.process->life()] {
    if (node.process && node.process->life() == life) node.process->set_link(Link::whole);
  });
}

void World::cut_off_carrier() {
  Node& node = any_node();
  if (!node.process) return;
  const CarrierSettings& carrier = settings_.carriers[entropy_of_nodes_.below(settings_.carriers.size())];
  const MonoTime until = agenda_.now() + entropy_of_nodes_.between(habits.nodes.span_min, habits.nodes.span_max);
  chronicle_.note("{} is cut off {}", node.name, carrier.name);
  node.unheard_until[carrier.name] = until + silence_noticed_in;
  be_troubled(until);
  for (const std::string& address : carrier.addresses) network_.cut_off(node.process->life(), address, until);
}

void World::fail_over() {
  const MonoTime until = agenda_.now() + entropy_of_nodes_.between(habits.nodes.span_min, habits.nodes.span_max);
  chronicle_.note("the database fails over");
  be_troubled(until);
  database_.be_away(until);
  for (Node& node : nodes_)
    if (node.process) cluster_.silence(node.number, until, true);
}

/// Others have taken it for dead, and it has heard of that.
void World::kill_replaced(Node& node, Agenda::Owner life) {
  agenda_.interrupt([this, &node, life] {
    if (!node.process || node.process->life() != life) return;
    chronicle_.note("{} was taken over", node.name);
    kill(node, Death::killed);
    revive_later(node);
  });
}

// --- what is true of all of them ------------------------------------------------------------------------------------

/// Of all nodes together a carrier has no more binds than it allows, but for what a node has left that stood still, and
/// what it could not tell the carrier.
void World::check_binds(const CarrierSettings& carrier, const WireAudit::BindsOf& binds) {
  std::size_t all = 0;
  for (const auto& [life, count] : binds) {
    const Node* node = node_of(life);
    if (node == nullptr || agenda_.now() < node->excused_until) continue;
    const auto unheard = node->unheard_until.find(carrier.name);
    if (unheard == node->unheard_until.end() || agenda_.now() >= unheard->second) all += count;
  }
  const std::size_t most = carrier.binds * (carrier.bind == "transmitter+receiver" ? 2U : 1U);
  if (all > most)
    chronicle_.broken("nodes have no more binds than the carrier allows", "{} of {} at {}", all, most, carrier.name);
}

void World::check_commit(const RowCommit& commit, bool is_of_now) {
  if (!is_of_now)
    chronicle_.broken("nothing of a fenced life is kept", "of node {}, life {}, the {}.", commit.life.node,
                      commit.life.incarnation, commit.sequence);
  std::vector<ThingName> things;
  for (const RowChange& change : commit.changes)
    if (change.name.table == RowTable::things)
      things.push_back({static_cast<ThingKind>(change.name.key.front()), change.name.key.substr(1)});
  if (!things.empty()) cluster_.changed(commit.life.node, things);
}

}  // namespace xion::sim
