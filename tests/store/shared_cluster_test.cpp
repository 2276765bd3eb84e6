// Who lives, who has which lease, and what nodes tell each other, over one database.
#include <doctest/doctest.h>

#include <memory>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "shared/shared_cluster.h"
#include "shared/shared_engine.h"
#include "sim/shared_database.h"
#include "sim/virtual_loop.h"

namespace xion {
namespace {

/// Nodes that do nothing but look at each other.
struct Cluster3 {
  sim::Agenda agenda;
  sim::VirtualLoop loop{agenda, sim::Agenda::world, {}};
  sim::SharedDatabase database;

  struct Node {
    std::unique_ptr<sim::SimulatedRows> rows;
    std::unique_ptr<SharedCluster> cluster;
    NodeLife life;
    std::map<std::string, std::unique_ptr<Lease>> leases;
    std::map<std::string, std::vector<LeaseState>> told;
    bool is_seen = false, is_fenced = false;

    void want(const std::string& name) {
      leases[name] = cluster->want(name, [this, name](LeaseState state) {
        told[name].push_back(state);
        if (state == LeaseState::recalled) leases[name]->let_go();
      });
    }
    void want_binds(unsigned count) {
      for (std::uint32_t n = 1; n <= count; ++n) want(bind_lease("primary", n));
    }
    std::set<std::string> held() const {
      std::set<std::string> names;
      for (const auto& [name, lease] : leases)
        if (lease->is_held()) names.insert(name);
      return names;
    }
  };

  std::unique_ptr<Node> add(NodeId number, sim::DatabaseHabits habits = {}) {
    auto node = std::make_unique<Node>();
    node->rows = std::make_unique<sim::SimulatedRows>(loop, database, sim::Seeded(number + 1U), habits);
    node->cluster = std::make_unique<SharedCluster>(
        loop, *node->rows,
        SharedCluster::Settings{.name = std::string("node-") + static_cast<char>('a' + number),
                                .fenced = [at = node.get()] { at->is_fenced = true; }});
    node->life = database.join(number);
    node->cluster->when_seen([at = node.get()] { at->is_seen = true; });
    node->cluster->begin(node->life);
    return node;
  }
  void run(Millis span) { loop.run(span); }
};

std::size_t common(const std::set<std::string>& a, const std::set<std::string>& b) {
  return static_cast<std::size_t>(std::ranges::count_if(a, [&](const std::string& name) { return b.contains(name); }));
}

}  // namespace

TEST_CASE("a node that is alone has every lease within a second of its start") {
  Cluster3 nodes;
  const auto a = nodes.add(0);
  a->want("role:housekeeper");
  a->want_binds(3);
  nodes.run(Millis{1'000});
  CHECK(a->is_seen);
  CHECK(a->held().size() == 4);
  CHECK(a->told["role:housekeeper"] == std::vector{LeaseState::held});
  CHECK(a->cluster->peers().empty());
}

TEST_CASE("of two nodes no lease is held by both, and whoever came later gets its share when things are calm") {
  Cluster3 nodes;
  const auto a = nodes.add(0);
  a->want("role:housekeeper");
  a->want_binds(4);
  nodes.run(Seconds{2});
  const auto b = nodes.add(1);
  b->want("role:housekeeper");
  b->want_binds(4);
  nodes.run(Seconds{10});
  CHECK(a->held().size() == 5);
  CHECK(b->held().empty());
  REQUIRE(a->cluster->peers().size() == 1);
  CHECK(a->cluster->peers()[0].name == "node-b");
  nodes.run(Seconds{60});
  CHECK(a->held().size() == 3);
  CHECK(b->held().size() == 2);
  CHECK(common(a->held(), b->held()) == 0);
  CHECK_FALSE(b->leases["role:housekeeper"]->is_held());
}

TEST_CASE("what a node had that died is another's after its silence, and the dead one can't write") {
  Cluster3 nodes;
  auto a = nodes.add(0);
  const auto b = nodes.add(1);
  a->want_binds(1);
  nodes.run(Seconds{1});
  b->want_binds(1);
  nodes.run(Seconds{5});
  REQUIRE(a->held().size() == 1);
  const NodeLife dead = a->life;
  a.reset();
  nodes.run(Millis{4'500});
  CHECK(b->held().empty());
  nodes.run(Millis{2'000});
  CHECK(b->held().size() == 1);
  CHECK(b->cluster->peers().empty());
  CHECK(b->cluster->unfenced() == std::vector<NodeId>{1});
  CHECK(nodes.database.commit({dead, 1, {}}) == CommitOutcome::fenced);
}

TEST_CASE("a node that can tell nobody that it lives lets go before anybody else may take") {
  Cluster3 nodes;
  const auto a = nodes.add(0), b = nodes.add(1);
  a->want_binds(1);
  nodes.run(Seconds{1});
  b->want_binds(1);
  nodes.run(Seconds{5});
  REQUIRE(a->held().size() == 1);
  a->rows->go_away(Seconds{60});
  nodes.run(Millis{3'500});
  CHECK(a->held().empty());
  CHECK(b->held().empty());
  CHECK(a->told[bind_lease("primary", 1)].back() == LeaseState::waiting);
  nodes.run(Millis{3'500});
  CHECK(b->held().size() == 1);
  nodes.run(Seconds{60});
  CHECK(a->is_fenced);
  CHECK(a->held().empty());
}

TEST_CASE("while the database is away for all nobody is taken for dead, and everybody has again what it had") {
  Cluster3 nodes;
  const auto a = nodes.add(0), b = nodes.add(1);
  a->want_binds(1);
  nodes.run(Seconds{1});
  b->want_binds(1);
  nodes.run(Seconds{5});
  a->rows->go_away(Seconds{20});
  b->rows->go_away(Seconds{20});
  nodes.run(Seconds{10});
  CHECK(a->held().empty());
  CHECK(b->held().empty());
  nodes.run(Seconds{15});
  CHECK(a->held().size() == 1);
  CHECK(b->held().empty());
  CHECK_FALSE(a->is_fenced);
}

TEST_CASE("what is given back is another's at once") {
  Cluster3 nodes;
  const auto a = nodes.add(0), b = nodes.add(1);
  a->want_binds(1);
  nodes.run(Seconds{1});
  b->want_binds(1);
  nodes.run(Seconds{2});
  SUBCASE("by who no longer wishes for it") { a->leases.clear(); }
  SUBCASE("by who leaves") {
    a->cluster->leave();
    a->leases[bind_lease("primary", 1)]->let_go();
  }
  nodes.run(Millis{1'500});
  CHECK(b->held().size() == 1);
  CHECK(a->held().empty());
}

TEST_CASE("who ends its life in order is gone at once, and writes nothing any more") {
  Cluster3 nodes;
  auto a = nodes.add(0);
  const auto b = nodes.add(1);
  nodes.run(Seconds{2});
  const NodeLife over = a->life;
  a.reset();
  nodes.database.leave(over);
  nodes.run(Millis{1'000});
  CHECK(b->cluster->unfenced() == std::vector<NodeId>{1});
  CHECK(nodes.database.commit({over, 1, {}}) == CommitOutcome::fenced);
}

TEST_CASE("of nodes that are to do something once one does it, until it may be done again") {
  Cluster3 nodes;
  const auto a = nodes.add(0, {.conflict = 0.2, .doubt = 0.2}), b = nodes.add(1), c = nodes.add(2);
  nodes.run(Seconds{2});
  int done = 0;
  for (const auto& node : {a.get(), b.get(), c.get()})
    node->cluster->once("route.down/am", Seconds{60}, [&] { ++done; });
  nodes.run(Seconds{10});
  CHECK(done <= 1);  // None, where the one that was first never heard that it was.
  nodes.run(Seconds{60});
  b->cluster->once("route.down/am", Seconds{60}, [&] { done = 100; });
  nodes.run(Seconds{2});
  CHECK(done == 100);
}

TEST_CASE("a storm on the database never lets two nodes hold one lease") {
  Cluster3 nodes;
  const sim::DatabaseHabits storm{.latency_max = Millis{40}, .conflict = 0.1, .doubt = 0.1, .unreachable = 0.01};
  std::vector<std::unique_ptr<Cluster3::Node>> living;
  for (NodeId n = 0; n < 3; ++n) {
    living.push_back(nodes.add(n, storm));
    living.back()->want("role:housekeeper");
    living.back()->want_binds(5);
  }
  std::size_t held = 0;
  for (int tick = 0; tick < 6'000; ++tick) {
    nodes.run(Millis{50});
    std::set<std::string> all;
    std::size_t count = 0;
    for (const auto& node : living) {
      const auto names = node->held();
      count += names.size();
      all.insert(names.begin(), names.end());
    }
    REQUIRE(count == all.size());
    held += count;
  }
  CHECK(held > 6'000 * 3);
}

TEST_CASE("nodes have numbers by their names, and find what others changed") {
  sim::Agenda agenda;
  sim::VirtualLoop loop{agenda, sim::Agenda::world, {}};
  sim::SharedDatabase database;
  const auto open = [&](const char* name, std::vector<ThingName>& changed, std::uint64_t seed) {
    auto rows = std::make_unique<sim::SimulatedRows>(loop, database, sim::Seeded(seed), sim::DatabaseHabits{});
    auto engine = std::make_unique<SharedEngine>(
        loop, *rows,
        SharedEngine::Settings{.name = name, .changed_elsewhere = [&changed](std::vector<ThingName> things) {
                                 changed.insert(changed.end(), things.begin(), things.end());
                               }});
    engine->open();
    return std::pair(std::move(rows), std::move(engine));
  };
  std::vector<ThingName> changed_a, changed_b, changed_again;
  auto a = open("a", changed_a, 1), b = open("b", changed_b, 2);
  loop.run(Seconds{2});
  CHECK(a.second->life().node != b.second->life().node);
  const auto number = b.second->life().node;

  const auto put = [&](SharedEngine& engine, const char* name) {
    run_task(
        engine, [name](Txn& txn) { return txn.put(Webhook{.id = name, .app = 1, .url = "https://example.com"}), true; },
        [](Commit commit, bool) { REQUIRE(commit == Commit::durable); });
    loop.run(Seconds{2});
  };
  const auto webhooks_of = [&](SharedEngine& engine) {
    std::size_t count = 0;
    run_task(
        engine, [](Txn& txn) { return txn.webhooks().size(); },
        [&](Commit, std::size_t found) { count = found; });
    loop.run(Seconds{1});
    return count;
  };
  put(*a.second, "WH-1");
  CHECK(webhooks_of(*b.second) == 1);
  REQUIRE(changed_b.size() == 1);
  CHECK(changed_b[0].kind == ThingKind::webhook);
  CHECK(changed_a.empty());
  run_task(
      *b.second, [](Txn& txn) { txn.remove_webhook("WH-1");
                      return true; }, [](Commit, bool) {});
  loop.run(Seconds{2});
  CHECK(webhooks_of(*a.second) == 0);
  CHECK(changed_a.size() == 1);
  put(*b.second, "WH-1");
  CHECK(webhooks_of(*a.second) == 1);

  b.second.reset();
  b = open("b", changed_again, 3);
  loop.run(Seconds{2});
  CHECK(b.second->life().node == number);
  CHECK(b.second->life().incarnation == 2);
  CHECK(webhooks_of(*b.second) == 1);
  CHECK(changed_again.empty());
}

}  // namespace xion
