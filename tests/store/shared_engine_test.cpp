// What nodes that share rows do to each other, and what a network does to them.
#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine_nodes.h"
#include "engines.h"
#include "sample_otp.h"
#include "shared/member_rows.h"
#include "shared/shared_engine.h"
#include "sim/shared_database.h"
#include "sim/virtual_loop.h"

namespace xion {
namespace {

constexpr AppId shop = 1;

}  // namespace

TEST_CASE("of two nodes that find no live request at once one makes it, and the other finds it") {
  Nodes nodes;
  const sim::DatabaseHabits in_step{.latency_min = Millis{2}, .latency_max = Millis{2}};
  SharedEngine &a = nodes.add(0, in_step), &b = nodes.add(1, in_step);
  std::vector<OtpId> made;
  std::size_t found = 0;
  for (std::uint32_t n = 0; n < 20; ++n) {
    for (SharedEngine* engine : {&a, &b}) {
      const Otp otp = sample_otp(nodes.loop.wall_now(), 2 * n + (engine == &a ? 0 : 1), n);
      run_task(
          *engine, [otp](Txn& txn) { return !txn.live_otp(key_of(otp)) && txn.insert(otp); },
          [&, id = otp.id](Commit commit, bool is_made) {
            REQUIRE(commit == Commit::durable);
            if (is_made)
              made.push_back(id);
            else
              ++found;
          });
    }
  }
  nodes.loop.run(Seconds{60});
  CHECK(made.size() == 20);
  CHECK(found == 20);
  CHECK(a.counts().conflicts + b.counts().conflicts > 0);
  CHECK(nodes.tell(a, [](Txn& txn) { return txn.recent({}, 100).size(); }) == 20);
}

TEST_CASE("what others may have changed meanwhile is read anew, and a batch meets nobody") {
  Nodes nodes;
  SharedEngine &a = nodes.add(0, {}, {.name = "a"}), &b = nodes.add(1, {}, {.name = "b"});
  std::vector<Otp> otps;
  for (std::uint32_t n = 0; n < 20; ++n) otps.push_back(sample_otp(nodes.loop.wall_now(), n, n));
  nodes.ask(a, [&](Txn& txn) {
    for (const Otp& otp : otps) txn.insert(otp);
  });
  const auto guess = [&](SharedEngine& engine) {
    nodes.loop.run(Seconds{2});
    for (const Otp& otp : otps)
      nodes.ask(engine, [id = otp.id](Txn& txn) {
        auto found = txn.otp(id);
        ++found->attempts_allowed;
        txn.put(*found);
      });
    nodes.loop.run(Seconds{2});
  };
  for (int round = 0; round < 3; ++round) {
    guess(b);
    guess(a);
  }
  CHECK(nodes.tell(b, [id = otps[7].id](Txn& txn) { return txn.otp(id)->attempts_allowed; }) ==
        otps[7].attempts_allowed + 6);
  CHECK(nodes.failed == 0);
  CHECK(a.counts().conflicts + b.counts().conflicts == 0);
}

TEST_CASE("what one node did for all is forgotten after a day") {
  Nodes nodes;
  SharedEngine& a = nodes.add(0);
  const auto noted = [&](const char* name, WallTime at) {
    const RowContent content{{}, {row_keys::moment(at)}};
    static std::uint64_t number = 0;
    RowNotes notes{.stamp = note_stamp({5, 1}, ++number), .changes = {{row_keys::notice(name), RowStamp{0}, content}}};
    REQUIRE(nodes.database.note(notes) == CommitOutcome::kept);
  };
  const WallTime now = nodes.loop.wall_now();
  noted("old", now - std::chrono::hours{25});
  noted("young", now - std::chrono::hours{23});
  nodes.ask(a, [now](Txn& txn) { txn.prune(now - std::chrono::hours{24 * 90}, now, 500); });
  nodes.loop.run(Seconds{5});
  RowWants wants;
  wants.rows = {row_keys::notice("old"), row_keys::notice("young")};
  const auto left = nodes.database.fetch(wants);
  CHECK_FALSE(left.rows[0].has_value());
  CHECK(left.rows[1].has_value());
}

TEST_CASE("a receipt that one node parked is another's to find and to take, and counts for nothing after that") {
  Nodes nodes;
  SharedEngine &a = nodes.add(0), &b = nodes.add(1);
  const auto named = [&](const char* id) {
    StoredReceipt receipt;
    receipt.carrier = "primary";
    receipt.smsc_message_id = id;
    receipt.received_at = nodes.loop.wall_now();
    return receipt;
  };
  nodes.ask(a, [receipt = named("1")](Txn& txn) { txn.park(receipt); });
  nodes.loop.run(Seconds{1});
  CHECK(nodes.tell(b, [](Txn& txn) { return txn.has_parked(); }));
  const auto found = nodes.tell(b, [](Txn& txn) { return txn.parked("primary", "1"); });
  REQUIRE(found.size() == 1);
  CHECK(nodes.tell(b, [row = found[0].row](Txn& txn) { return txn.take_receipt(row).has_value(); }));
  nodes.ask(b, [receipt = named("2")](Txn& txn) { txn.park(receipt); });
  nodes.loop.run(Seconds{1});
  CHECK(nodes.tell(a, [](Txn& txn) { return txn.parked("primary", "2").size(); }) == 1);
  CHECK(nodes.tell(a, [](Txn& txn) { return txn.parked("primary", "1").empty(); }));
}

TEST_CASE("what only one node counted is counted by none twice, whatever happens to its commits") {
  Nodes nodes;
  SharedEngine& a = nodes.add(0, {.conflict = 0.2, .doubt = 0.3}, {.tasks_of_batch = 2});
  SharedEngine& b = nodes.add(1, {.conflict = 0.2, .doubt = 0.3}, {.tasks_of_batch = 2});
  const Day today = day_of(nodes.loop.wall_now());
  for (int n = 0; n < 100; ++n)
    for (SharedEngine* engine : {&a, &b})
      nodes.ask(*engine, [today](Txn& txn) { txn.count(shop, today, Counter::sends); });
  nodes.loop.run(Seconds{600});
  CHECK(nodes.durable == 200);
  CHECK(nodes.failed == 0);
  CHECK(a.counts().doubts + b.counts().doubts > 10);
  CHECK(nodes.tell(a, [today](Txn& txn) {
    return txn.counters(shop, today)[static_cast<std::size_t>(Counter::sends)];
  }) == 200);
}

TEST_CASE("that a phone has no request is not decided by what is remembered of it, though nothing of it is written") {
  Nodes nodes;
  SharedEngine &a = nodes.add(0), &b = nodes.add(1);
  const Otp first = sample_otp(nodes.loop.wall_now(), 1, 7);
  nodes.tell(a, [&](Txn& txn) { return txn.insert(first); });
  Otp second = sample_otp(nodes.loop.wall_now(), 2, 7);
  second.purpose = "another";
  nodes.tell(b, [&](Txn& txn) { return txn.insert(second); });
  // As a refused verify does: it writes, but nothing of the phone.
  const auto is_found = [](const Otp& otp) {
    return [key = key_of(otp)](Txn& txn) {
      txn.count(shop, Day{1}, Counter::failed_attempts);
      return txn.latest_otp(key).has_value();
    };
  };
  CHECK(nodes.tell(a, is_found(second)));
  CHECK(nodes.tell(b, is_found(first)));
}

TEST_CASE("a phone's requests expire in order, whichever apps and purposes they are of, and its row goes a day later") {
  Nodes nodes;
  SharedEngine& a = nodes.add(0);
  std::vector<OtpId> made;
  const WallTime noon = nodes.loop.wall_now();
  for (std::uint32_t n = 0; n < 3; ++n) {
    Otp otp = sample_otp(noon, n, 7);
    otp.purpose = std::to_string(n);
    otp.expires_at = noon + Seconds{90 - 20 * n};
    nodes.tell(a, [&](Txn& txn) { return txn.insert(otp); });
    made.push_back(otp.id);
  }
  CHECK(nodes.tell(a, [&](Txn& txn) { return txn.expiring(noon + Seconds{49}, 9); }).empty());
  CHECK(nodes.tell(a, [&](Txn& txn) { return txn.expiring(noon + Seconds{70}, 9); }) == std::vector{made[2], made[1]});
  CHECK(nodes.tell(a, [&](Txn& txn) { return txn.expiring(noon + Seconds{90}, 1); }) == std::vector{made[2]});
  const auto rows = [&] {
    return nodes.database.fetch({.rows = {}, .ranges = {}, .counts = {RowTable::phones}}).counts.at(0);
  };
  const auto prune = [&](std::chrono::hours after) {
    const WallTime now = noon + after;
    return nodes.tell(a, [now](Txn& txn) { return txn.prune(now - std::chrono::days{90}, now, 100); });
  };
  prune(std::chrono::hours{30});
  CHECK(rows() == 1);  // Something is pending.
  for (const OtpId& id : made)
    nodes.tell(a, [id](Txn& txn) {
      auto otp = txn.otp(id);
      otp->status = OtpStatus::expired;
      otp->ended_at = otp->expires_at;
      txn.put(*otp);
      return true;
    });
  prune(std::chrono::hours{24});
  CHECK(rows() == 1);
  prune(std::chrono::hours{26});
  CHECK(rows() == 0);
}

TEST_CASE("who only reads is told what another node has written, not what is remembered") {
  Nodes nodes;
  SharedEngine &a = nodes.add(0), &b = nodes.add(1);
  Otp otp = sample_otp(nodes.loop.wall_now(), 1, 1);
  nodes.ask(a, [otp](Txn& txn) { txn.insert(otp); });
  nodes.loop.run(Seconds{1});
  end(otp, OtpStatus::verified, nodes.loop.wall_now());
  nodes.ask(b, [otp](Txn& txn) { txn.put(otp); });
  nodes.loop.run(Seconds{1});
  CHECK(nodes.tell(a, [&](Txn& txn) { return txn.otp(otp.id)->status; }) == OtpStatus::verified);
  CHECK(nodes.tell(a, [&](Txn& txn) { return txn.live_otp(key_of(otp)); }) == std::nullopt);
}

TEST_CASE("a process whose node lives anew elsewhere writes nothing more, and says so") {
  Nodes nodes;
  SharedEngine& old = nodes.add(0);
  const Otp first = sample_otp(nodes.loop.wall_now(), 1, 1), late = sample_otp(nodes.loop.wall_now(), 2, 2);
  nodes.ask(old, [first](Txn& txn) { txn.insert(first); });
  nodes.loop.run(Seconds{1});
  SharedEngine& fresh = nodes.add(0);
  nodes.ask(old, [late](Txn& txn) { txn.insert(late); });
  nodes.loop.run(Seconds{1});
  CHECK(nodes.durable == 1);
  CHECK(nodes.failed == 1);
  CHECK_FALSE(old.status().is_writable);
  CHECK(old.status().trouble == "taken over: another process writes to it");
  CHECK(nodes.tell(fresh, [](Txn& txn) { return txn.recent({}, 9).size(); }) == 1);
}

TEST_CASE("a node that only reads says each second that it lives") {
  Nodes nodes;
  SharedEngine& engine = nodes.add(0);
  const std::size_t before = nodes.database.commits();
  for (int n = 0; n < 20; ++n) {
    nodes.ask(engine, [](Txn& txn) { (void)txn.recent({}, 9); });
    nodes.loop.run(Millis{500});
  }
  CHECK(nodes.database.commits() >= before + 9);
}

TEST_CASE("a node that nobody asks anything says each second that it lives, and hears when nobody is there") {
  Nodes nodes;
  SharedEngine& engine = nodes.add(0);
  const std::size_t before = nodes.database.commits();
  nodes.loop.run(Seconds{10});
  CHECK(nodes.database.commits() >= before + 9);
  CHECK(nodes.database.commits() <= before + 10);
  nodes.nodes[0].rows->go_away(Seconds{5});
  nodes.loop.run(Seconds{2});
  CHECK(!engine.status().is_writable);
  nodes.loop.run(Seconds{5});
  CHECK(engine.status().is_writable);
}

TEST_CASE("while nobody is there tasks fail at once, and afterwards everything goes on by itself") {
  Nodes nodes;
  SharedEngine& engine = nodes.add(0);
  nodes.nodes[0].rows->go_away(Seconds{30});
  const Day today = day_of(nodes.loop.wall_now());
  const auto count = [today](Txn& txn) { txn.count(shop, today, Counter::sends); };
  nodes.ask(engine, count);
  nodes.loop.run(Seconds{1});
  CHECK(nodes.failed == 1);
  CHECK_FALSE(engine.status().is_writable);
  nodes.ask(engine, count);
  nodes.loop.run(Millis{1});
  CHECK(nodes.failed == 2);
  nodes.loop.run(Seconds{31});
  CHECK(engine.status().is_writable);
  nodes.ask(engine, count);
  CHECK(nodes.tell(engine, [today](Txn& txn) {
    return txn.counters(shop, today)[static_cast<std::size_t>(Counter::sends)];
  }) == 1);
}

TEST_CASE("a commit in doubt is told to have failed when nobody can say for long, and is known afterwards") {
  Nodes nodes;
  SharedEngine& engine = nodes.add(0, {.doubt = 1}, {.beat = std::chrono::hours{1}});
  nodes.ask(engine, [](Txn& txn) { txn.count(shop, Day{1}, Counter::sends); });
  while (engine.counts().doubts == 0) REQUIRE(nodes.loop.step());
  nodes.nodes[0].rows->heal();
  nodes.nodes[0].rows->go_away(Seconds{30});
  nodes.loop.run(Seconds{9});
  CHECK(nodes.durable + nodes.failed == 0);
  nodes.loop.run(Seconds{3});
  CHECK(nodes.failed == 1);
  CHECK_FALSE(engine.status().is_writable);
  nodes.loop.run(Seconds{30});
  CHECK(engine.status().is_writable);
  const auto sent =
      nodes.tell(engine, [](Txn& txn) { return txn.counters(shop, Day{1})[static_cast<std::size_t>(Counter::sends)]; });
  CHECK(sent <= 1);
  CHECK(nodes.database.commits() == sent);
}

TEST_CASE("who is patient is told that a commit is in doubt, and how it ended when that is known") {
  std::set<std::string> ends;
  for (std::size_t before = 0; before < 64 && ends.size() < 2; ++before) {
    Nodes nodes;
    nodes.nodes.resize(before);  // The end is drawn by their number.
    SharedEngine& engine = nodes.add(0, {.doubt = 1}, {.beat = std::chrono::hours{1}});
    std::vector<std::string> told;
    run_patiently(
        engine, [](Txn& txn) { return txn.count(shop, Day{1}, Counter::sends), true; },
        [&](Commit commit, bool) { told.emplace_back(commit == Commit::durable ? "kept" : "not kept"); },
        [&] { told.emplace_back("in doubt"); });
    nodes.ask(engine, [](Txn& txn) { txn.count(shop, Day{1}, Counter::delivered); });
    while (engine.counts().doubts == 0) REQUIRE(nodes.loop.step());
    nodes.nodes.back().rows->heal();
    nodes.nodes.back().rows->go_away(Seconds{30});
    nodes.loop.run(Seconds{9});
    CHECK(told.empty());
    nodes.loop.run(Seconds{3});
    CHECK(told == std::vector<std::string>{"in doubt"});
    CHECK(nodes.failed == 1);
    CHECK_FALSE(engine.is_open());
    CHECK(engine.waiting() == 1);
    nodes.loop.run(Seconds{30});
    CHECK(told == std::vector<std::string>{"in doubt", nodes.database.commits() == 1 ? "kept" : "not kept"});
    CHECK(engine.waiting() == 0);
    ends.insert(told.back());
  }
  CHECK(ends.size() == 2);
}

TEST_CASE("what was told to have failed and was kept after all is named, so that memory of it is read anew") {
  std::size_t kept = 0, named = 0;
  for (NodeId others = 0; others < 8; ++others) {  // Each time the dice fall otherwise.
    Nodes nodes;
    std::vector<ThingName> told;
    for (NodeId other = 0; other < others; ++other) nodes.add(static_cast<NodeId>(other + 1), {});
    SharedEngine& engine = nodes.add(
        0, {.doubt = 1},
        {.beat = std::chrono::hours{1}, .kept_after_all = [&](std::vector<ThingName> things) { told = things; }});
    nodes.ask(engine, [](Txn& txn) {
      App app;
      app.id = shop;
      app.name = "shop";
      txn.put(app);
      txn.count(shop, Day{1}, Counter::sends);
    });
    while (engine.counts().doubts == 0) REQUIRE(nodes.loop.step());
    nodes.nodes.back().rows->heal();
    nodes.nodes.back().rows->go_away(Seconds{30});
    nodes.loop.run(Seconds{20});
    CHECK(nodes.failed == 1);
    nodes.loop.run(Seconds{60});
    if (nodes.tell(engine, [](Txn& txn) { return txn.apps().size(); }) == 0) {
      CHECK(told.empty());
      continue;
    }
    ++kept;
    REQUIRE(told.size() == 1);
    named += told.front().kind == ThingKind::app ? 1 : 0;
  }
  CHECK(kept > 0);
  CHECK(named == kept);
}

TEST_CASE("a task that meets others again and again runs alone, and its batch goes on without it") {
  Nodes nodes;
  SharedEngine& engine = nodes.add(0, {.conflict = 0.7});
  for (int n = 0; n < 30; ++n) nodes.ask(engine, [](Txn& txn) { txn.count(shop, Day{1}, Counter::sends); });
  nodes.loop.run(Seconds{600});
  CHECK(nodes.durable == 30);
  CHECK(nodes.failed == 0);
}

TEST_CASE("a batch of tasks that say what they read costs one fetch and one commit") {
  Nodes nodes;
  SharedEngine& engine = nodes.add(0);
  const auto fetches = [&] { return nodes.nodes[0].rows->counts().fetches; };
  Otp otp = sample_otp(nodes.loop.wall_now(), 1, 1);
  nodes.ask(engine, [otp](Txn& txn) { txn.insert(otp); });
  nodes.loop.run(Seconds{1});
  const std::size_t before = fetches();
  const auto commits = nodes.database.commits();
  // Rows of what this node wrote last are at hand.
  for (int n = 0; n < 10; ++n)
    run_task(
        engine,
        [id = otp.id](Txn& txn) {
          auto read = txn.otp(id);
          txn.put(*read);
          return true;
        },
        [](Commit, bool) {}, [id = otp.id](Reads& reads) { reads.otps.push_back(id); });
  nodes.loop.run(Seconds{1});
  CHECK(fetches() == before);
  CHECK(nodes.database.commits() == commits + 1);
}

TEST_CASE("a phone's request is fetched in one round with its phone where this node remembers which it was") {
  Nodes nodes;
  SharedEngine &a = nodes.add(0, {}, {.name = "a"}), &b = nodes.add(1, {}, {.name = "b"});
  const Otp otp = sample_otp(nodes.loop.wall_now(), 1, 1);
  nodes.tell(a, [&](Txn& txn) { return txn.insert(otp); });  // A minute ago.
  const auto rounds_of_look = [&](SharedEngine& engine) {
    const auto before = engine.counts().rounds;
    bool is_found = false;
    run_task(
        engine,
        [key = key_of(otp)](Txn& txn) {
          const auto id = txn.live_otp(key);
          auto found = id ? txn.otp(*id) : std::nullopt;
          if (found) txn.put(*found);
          return found.has_value();
        },
        [&](Commit, bool found) { is_found = found; },
        [key = key_of(otp)](Reads& reads) { reads.live.push_back(key); });
    nodes.loop.run(Seconds{9});
    CHECK(is_found);
    return engine.counts().rounds - before;
  };
  CHECK(rounds_of_look(a) == 1);
  CHECK(rounds_of_look(b) == 2);
  CHECK(rounds_of_look(b) == 1);
}

TEST_CASE("a long read is in nobody's way, and sees what was told before it was asked for") {
  Nodes nodes;
  const sim::DatabaseHabits slow{.latency_min = Seconds{20}, .latency_max = Seconds{20}};
  sim::SimulatedRows reads(nodes.loop, nodes.database, sim::Seeded(7), slow);
  SharedEngine& engine = nodes.add(0, {}, {.reads = &reads});
  const auto insert = [&](std::uint32_t n) {
    nodes.ask(engine, [otp = sample_otp(nodes.loop.wall_now(), n, n)](Txn& txn) { txn.insert(otp); });
  };
  insert(1);
  nodes.loop.run(Seconds{1});
  REQUIRE(nodes.durable == 1);
  std::optional<std::size_t> read;
  run_reading(
      engine, [](Txn& txn) { return txn.recent({}, 100).size(); },
      [&](Commit commit, std::size_t count) {
        REQUIRE(commit == Commit::durable);
        read = count;
      });
  for (std::uint32_t n = 2; n <= 6; ++n) {
    insert(n);
    nodes.loop.run(Millis{500});
    CHECK(nodes.durable == n);
  }
  CHECK_FALSE(read.has_value());
  nodes.loop.run(Seconds{60});
  CHECK(read >= 1);
  CHECK(engine.waiting() == 0);
}

TEST_CASE("who said that it only reads and writes after all goes the way of those that write") {
  Nodes nodes;
  sim::SimulatedRows reads(nodes.loop, nodes.database, sim::Seeded(7), {});
  SharedEngine& engine = nodes.add(0, {}, {.reads = &reads});
  std::size_t done = 0;
  for (std::uint32_t n = 0; n < 5; ++n)
    run_reading(
        engine,
        [otp = sample_otp(nodes.loop.wall_now(), n, n)](Txn& txn) {
          return txn.recent({}, 100).size() < 3 && txn.insert(otp);
        },
        [&](Commit commit, bool) {
          REQUIRE(commit == Commit::durable);
          ++done;
        });
  nodes.loop.run(Seconds{60});
  CHECK(done == 5);
  CHECK(nodes.tell(engine, [](Txn& txn) { return txn.recent({}, 100).size(); }) == 3);
}

TEST_CASE("readers are told that they failed where nobody is there, and later ones are answered") {
  Nodes nodes;
  sim::SimulatedRows reads(nodes.loop, nodes.database, sim::Seeded(7), {});
  SharedEngine& engine = nodes.add(0, {}, {.reads = &reads});
  std::vector<Commit> outcomes;
  const auto read = [&] {
    run_reading(
        engine, [](Txn& txn) { return txn.recent({}, 100).size(); },
        [&](Commit commit, std::size_t) { outcomes.push_back(commit); });
    nodes.loop.run(Seconds{10});
  };
  reads.go_away(Seconds{5});
  read();
  read();
  CHECK(outcomes == std::vector{Commit::failed, Commit::durable});
}

}  // namespace xion
