// Who lives, who has which lease, and what nodes tell each other, over one database.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine_nodes.h"
#include "sample_otp.h"
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

Webhook webhook_named(const char* id) {
  Webhook webhook;
  webhook.id = id;
  webhook.app = 1;
  webhook.url = "https://example.com";
  return webhook;
}

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

TEST_CASE("of three nodes two have a bind each where there are two, whoever came first") {
  Cluster3 nodes;
  const auto a = nodes.add(0);
  a->want_binds(2);
  nodes.run(Seconds{2});
  REQUIRE(a->held().size() == 2);

  const auto b = nodes.add(1), c = nodes.add(2);
  b->want_binds(2);
  c->want_binds(2);
  nodes.run(Seconds{70});
  CHECK(a->held().size() == 1);
  CHECK(b->held().size() + c->held().size() == 1);
  const auto told = a->told;
  nodes.run(Seconds{120});
  CHECK(a->told == told);  // And nothing moves any more.
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

TEST_CASE("who stands aside is asked for what it holds at once, and takes nothing until it no longer does") {
  Cluster3 nodes;
  const auto a = nodes.add(0), b = nodes.add(1);
  for (const auto& node : {a.get(), b.get()}) {
    node->want("role:housekeeper");
    node->want_binds(3);
  }
  nodes.run(Seconds{5});
  a->cluster->stand_aside(true);
  nodes.run(Seconds{3});
  CHECK(a->held().empty());
  CHECK(b->held().size() == 4);
  CHECK(std::ranges::count(a->told[bind_lease("primary", 1)], LeaseState::recalled) <= 1);
  nodes.run(Seconds{90});
  CHECK(a->held().empty());

  a->cluster->stand_aside(false);
  b->cluster->stand_aside(true);
  nodes.run(Seconds{3});
  CHECK(a->held().size() == 4);
  CHECK(b->held().empty());
}

TEST_CASE("a clock that is off is measured against the database's") {
  Cluster3 nodes;
  const auto a = nodes.add(0), b = nodes.add(1);
  nodes.database.clock_ahead = Millis{2'000};
  nodes.run(Seconds{5});
  const auto view = b->cluster->view();
  REQUIRE(view->nodes.size() == 2);
  for (const NodeView& node : view->nodes) {
    REQUIRE(node.report.clock_skew.has_value());
    CHECK(std::chrono::abs(*node.report.clock_skew + Millis{2'000}) <= Millis{5});
  }
}

TEST_CASE("what a beat tells is read as it was written, and an older release's tells less") {
  BeatRow beat{.incarnation = 3, .number = 9, .name = "a"};
  beat.report = {.carriers = {{"primary", 2}}, .version = "1", .config_hash = "c0ffee", .queued = 7};
  std::string older = to_row(beat);
  older.resize(older.size() - 6);  // No skew, all demands known, none, no key, no formats.
  beat.report.key_check = "0bad";
  beat.report.clock_skew = Millis{-1'250};
  beat.report.demands = {{7, 2.5}, {9, 1'000}};
  const auto read = beat_from(to_row(beat));
  REQUIRE(read.has_value());
  CHECK(read->report.queued == 7);
  CHECK(read->report.clock_skew == Millis{-1'250});
  CHECK(read->report.has_all_demands);
  REQUIRE(read->report.demands.size() == 2);
  CHECK(read->report.demands[0].app == 7);
  CHECK(read->report.demands[0].calls_per_second == doctest::Approx(2.5));
  CHECK(read->report.key_check == "0bad");
  const auto less = beat_from(older);
  REQUIRE(less.has_value());
  CHECK(less->report.queued == 7);
  CHECK_FALSE(less->report.clock_skew.has_value());
  CHECK_FALSE(less->report.has_all_demands);
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

TEST_CASE("what a node was to do once is done where it is told that it was taken for dead") {
  Cluster3 nodes;
  const auto a = nodes.add(0);
  nodes.run(Seconds{2});
  nodes.database.leave(a->life);
  int done = 0;
  a->cluster->once("route.down/am", Seconds{60}, [&] { ++done; });
  nodes.run(Seconds{2});
  CHECK(a->is_fenced);
  CHECK(done == 1);
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
        engine,
        [name](Txn& txn) {
          txn.put(webhook_named(name));
          return true;
        },
        [](Commit commit, bool) { REQUIRE(commit == Commit::durable); });
    loop.run(Seconds{2});
  };
  const auto webhooks_of = [&](SharedEngine& engine) {
    std::size_t count = 0;
    run_task(engine, [](Txn& txn) { return txn.webhooks().size(); }, [&](Commit, std::size_t found) { count = found; });
    loop.run(Seconds{1});
    return count;
  };
  put(*a.second, "WH-1");
  CHECK(webhooks_of(*b.second) == 1);
  REQUIRE(changed_b.size() == 1);
  CHECK(changed_b[0].kind == ThingKind::webhook);
  CHECK(changed_a.empty());
  run_task(
      *b.second,
      [](Txn& txn) {
        txn.remove_webhook("WH-1");
        return true;
      },
      [](Commit, bool) {});
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

namespace {

/// Two gateways' stores on one database.
struct TwoStores {
  sim::Agenda agenda;
  sim::VirtualLoop loop{agenda, sim::Agenda::world, {}};
  sim::SharedDatabase database;
  sim::SimulatedRows rows_a{loop, database, sim::Seeded(1), {}}, rows_b{loop, database, sim::Seeded(2), {}};
  std::unique_ptr<SharedEngine> a = open(rows_a, "a"), b = open(rows_b, "b");

  std::unique_ptr<SharedEngine> open(sim::SimulatedRows& rows, const char* name) {
    auto engine = std::make_unique<SharedEngine>(loop, rows, SharedEngine::Settings{.name = name});
    engine->open();
    loop.run(Seconds{1});
    return engine;
  }
  template <typename Ask>
  auto ask(SharedEngine& engine, Ask question) {
    return answer_of(engine, loop, question, Seconds{1});
  }
  Otp send(SharedEngine& engine, std::uint32_t number) {
    const Otp otp = sample_otp(loop.wall_now(), number, number);
    REQUIRE(ask(engine, [otp](Txn& txn) { return txn.insert(otp); }));
    return otp;
  }
  std::size_t queued(SharedEngine& engine) {
    return ask(engine, [](Txn& txn) { return txn.outbox(100).size(); });
  }
};

}  // namespace

TEST_CASE("a message is handed to another node once, and is that one's") {
  TwoStores stores;
  const Otp otp = stores.send(*stores.a, 1);
  const NodeId to = stores.b->life().node;
  REQUIRE(stores.queued(*stores.a) == 1);
  const auto hand_over = [&] { return stores.ask(*stores.a, [&](Txn& txn) { return txn.hand_over(otp.id, 0, to); }); };
  CHECK(hand_over());
  CHECK(stores.queued(*stores.a) == 0);
  CHECK(stores.queued(*stores.b) == 0);
  CHECK_FALSE(hand_over());
  const auto take = [&] { return stores.ask(*stores.b, [](Txn& txn) { return txn.take_handed(10).size(); }); };
  CHECK(take() == 1);
  CHECK(take() == 0);
  CHECK(stores.queued(*stores.b) == 1);

  // Another deadline, by whoever: it stays where it is.
  stores.ask(*stores.a, [&](Txn& txn) {
    Otp longer = *txn.otp(otp.id);
    longer.expires_at += Seconds{60};
    txn.put(longer);
    return true;
  });
  CHECK(stores.queued(*stores.a) == 0);
  CHECK(stores.queued(*stores.b) == 1);
}

TEST_CASE("what waits at any node is found by each, what is over first before the rest") {
  TwoStores stores;
  const Otp first = stores.send(*stores.b, 1), second = stores.send(*stores.a, 2), third = stores.send(*stores.b, 3);
  const auto all = [&](std::size_t limit) {
    return stores.ask(*stores.a, [limit](Txn& txn) {
      std::vector<OtpId> ids;
      for (const OutboxEntry& entry : txn.outbox(limit, Whose::every_node)) ids.push_back(entry.otp);
      return ids;
    });
  };
  CHECK(all(10) == std::vector{first.id, second.id, third.id});
  CHECK(all(2) == std::vector{first.id, second.id});
  // On its way from one node to another it waits, too.
  REQUIRE(stores.ask(*stores.a, [&](Txn& txn) { return txn.hand_over(second.id, 0, stores.b->life().node); }));
  CHECK(all(10) == std::vector{first.id, second.id, third.id});
  CHECK(stores.ask(*stores.a, [](Txn& txn) { return txn.outbox_size(Whose::every_node); }) == 3);
  CHECK(stores.queued(*stores.a) == 0);
}

TEST_CASE("what is no longer queued is handed to nobody") {
  TwoStores stores;
  const Otp otp = stores.send(*stores.a, 1);
  stores.ask(*stores.b, [&](Txn& txn) {
    Otp over = *txn.otp(otp.id);
    over.status = OtpStatus::canceled;
    over.ended_at = stores.loop.wall_now();
    txn.put(over);
    return true;
  });
  const NodeId to = stores.b->life().node;
  CHECK_FALSE(stores.ask(*stores.a, [&](Txn& txn) { return txn.hand_over(otp.id, 0, to); }));
}

TEST_CASE("what a node left is whose who asks first, and none of those that live is touched") {
  TwoStores stores;
  stores.send(*stores.a, 1);
  const Otp handed = stores.send(*stores.a, 2), mine = stores.send(*stores.b, 3);
  Otp submitting = stores.send(*stores.a, 4);
  const NodeId a = stores.a->life().node, b = stores.b->life().node;
  stores.ask(*stores.a, [&](Txn& txn) {
    submitting = *txn.otp(submitting.id);
    submit_to(submitting, 0, "primary", {}, stores.loop.wall_now());
    txn.put(submitting);
    return txn.hand_over(handed.id, 0, a);
  });
  stores.ask(*stores.a, [](Txn& txn) {
    txn.put(webhook_named("WH-1"));
    return txn.queue(*txn.webhook("WH-1"), "t", "{}");
  });
  stores.loop.run(Seconds{2});
  const auto inherit = [&](std::vector<NodeId> living) {
    return stores.ask(*stores.b, [living](Txn& txn) { return txn.inherit(living, 100); });
  };
  CHECK(inherit({a, b}).size() == 0);
  const Inherited found = inherit({b});
  CHECK(found.queued.size() == 2);
  REQUIRE(found.unsettled.size() == 1);
  CHECK(found.unsettled[0].otp == submitting.id);
  CHECK(found.deliveries == 1);
  CHECK(inherit({b}).size() == 0);
  CHECK(stores.queued(*stores.b) == 3);
  CHECK(stores.queued(*stores.a) == 0);
  const auto waiting = [](Txn& txn) {
    std::size_t count = 0;
    for (const auto& each : txn.waiting_deliveries()) count += each.count;
    return count;
  };
  CHECK(stores.ask(*stores.b, waiting) == 1);

  // Its next life finds it, too.
  stores.b.reset();
  stores.b = stores.open(stores.rows_b, "b");
  CHECK(stores.queued(*stores.b) == 3);
  CHECK(stores.ask(*stores.b, [](Txn& txn) { return txn.unsettled(10).size(); }) == 1);
  CHECK(stores.ask(*stores.b, waiting) == 1);
}

TEST_CASE("a node that is gone for good is forgotten once it has left nothing, and another one has its number") {
  using Outcome = ForgottenNode::Outcome;
  TwoStores stores;
  const auto forget = [&](const char* name) {
    return stores.ask(*stores.a, [name](Txn& txn) { return txn.forget_node(name); });
  };
  const auto names = [&] { return stores.ask(*stores.a, [](Txn& txn) { return txn.node_names(); }); };
  CHECK(names() == std::vector<std::string>{"a", "b"});
  CHECK(forget("c").outcome == Outcome::unknown);

  const NodeLife b = stores.b->life();
  const RowName beat = row_keys::beat(b.node);
  const RowNotes lives{
      .stamp = note_stamp(b, 1),
      .changes = {
          {beat, RowStamp{0}, RowContent{to_row(BeatRow{.incarnation = b.incarnation, .number = 1, .name = "b"})}}}};
  REQUIRE(stores.database.note(lives) == CommitOutcome::kept);
  CHECK(forget("b").outcome == Outcome::lives);
  REQUIRE(stores.database.note({.stamp = note_stamp(b, 2), .changes = {{beat, {}, {}}}}) == CommitOutcome::kept);

  stores.send(*stores.b, 1);
  stores.b.reset();
  const ForgottenNode still = forget("b");
  CHECK(still.outcome == Outcome::has_left);
  CHECK(still.messages == 1);
  stores.ask(*stores.a, [a = stores.a->life().node](Txn& txn) { return txn.inherit(std::vector{a}, 100); });
  stores.ask(*stores.a, [](Txn& txn) {
    txn.put(NodeDrain{.node = "b", .since = {}, .by = "anna"});
    return true;
  });
  const ForgottenNode gone = forget("b");
  CHECK(gone.outcome == Outcome::forgotten);
  CHECK(gone.number == b.node);
  CHECK(names() == std::vector<std::string>{"a"});
  CHECK(stores.ask(*stores.a, [](Txn& txn) { return txn.node_drains().size(); }) == 0);
  CHECK(forget("b").outcome == Outcome::unknown);

  stores.b = stores.open(stores.rows_b, "d");
  CHECK(stores.b->life().node == b.node);
  CHECK(stores.b->life().incarnation > b.incarnation);
  CHECK(names() == std::vector<std::string>{"a", "d"});
  CHECK(stores.queued(*stores.a) == 1);
}

TEST_CASE("whose clock is far from the database's does not join until it is right") {
  sim::Agenda agenda;
  sim::VirtualLoop loop{agenda, sim::Agenda::world, {}};
  sim::SharedDatabase database;
  sim::SimulatedRows rows{loop, database, sim::Seeded(1), {}};
  std::string why;
  SharedEngine engine(loop, rows, {.name = "a", .kept_out = [&](std::string told) { why = std::move(told); }});
  database.clock_ahead = Millis{-7'000};
  engine.open();
  loop.run(Seconds{2});
  CHECK(why ==
        "this machine's clock is 7.0 seconds ahead of the database's, and codes end by it: set both by NTP, then start "
        "again");
  CHECK_FALSE(engine.is_open());
  database.clock_ahead = Millis{4'000};
  loop.run(Seconds{2});
  CHECK(engine.is_open());
}

}  // namespace xion
