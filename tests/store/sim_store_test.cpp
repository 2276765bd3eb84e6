#include <doctest/doctest.h>

#include "engines.h"
#include "sample_otp.h"
#include "sim/sim_store.h"
#include "sim/virtual_loop.h"

using namespace xion;
using sim::MemoryKv;
using sim::SimStore;

namespace {

struct World {
  sim::VirtualLoop loop;
  MemoryKv disk;
  std::unique_ptr<SimStore> store;
  std::vector<std::uint32_t> durable, failed;

  World() { start(); }
  void start() {
    store = SimStore::open(loop, disk, our_key, [] { return Millis{3}; }).value();
  }
  void settle() {
    while (loop.step()) {
    }
  }
  void insert(std::uint32_t n) {
    run_task(
        *store, [n](Txn& txn) { return txn.insert(sample_otp(noon, n, n)); },
        [this, n](Commit commit, bool) { (commit == Commit::durable ? durable : failed).push_back(n); });
  }
  bool has(std::uint32_t n) {
    bool is_there = false;
    run_task(
        *store, [n](Txn& txn) { return txn.otp(id_at(noon, n)).has_value(); },
        [&](Commit, bool found) { is_there = found; });
    settle();
    return is_there;
  }
};

}  // namespace

TEST_CASE(
    "tasks of one turn share a commit, those that come during it share the next, and each is told after its own") {
  World world;
  const auto before = world.disk.commits();
  world.insert(1);
  world.insert(2);
  world.loop.step();  // the batch begins
  world.insert(3);
  world.insert(4);
  CHECK(world.durable.empty());
  CHECK(world.store->waiting() == 4);
  world.settle();
  CHECK(world.durable == std::vector<std::uint32_t>{1, 2, 3, 4});
  CHECK(world.disk.commits() == before + 2);
  CHECK(world.loop.now() == MonoTime{Millis{6}});
  CHECK(world.store->waiting() == 0);
}

TEST_CASE("a crash before the commit loses the task, and a crash after it only the telling") {
  World world;
  SUBCASE("before") {
    world.insert(1);
    world.loop.step();
    world.store.reset();
    world.start();
    world.settle();
    CHECK(world.durable.empty());
    CHECK_FALSE(world.has(1));
  }
  SUBCASE("after") {
    world.insert(1);
    world.loop.step();
    world.loop.step();  // the commit's timer
    world.store.reset();
    world.start();
    world.settle();
    CHECK(world.durable.empty());
    CHECK(world.has(1));
  }
}

TEST_CASE("a failed commit fails its batch, then all that write until the disk writes again, and who reads is served") {
  World world;
  int failures = 0;
  world.disk.commit_fails = [&] { return failures > 0 && failures-- > 0; };
  world.insert(7);
  world.settle();
  world.durable.clear();
  failures = 2;
  world.insert(1);
  for (int i = 0; i < 3; ++i) world.loop.step();
  CHECK(world.failed == std::vector<std::uint32_t>{1});
  CHECK_FALSE(world.store->status().is_writable);
  CHECK(world.store->status().trouble.starts_with("read-only: "));
  bool is_there = false, is_told = false;
  run_task(
      *world.store, [](Txn& txn) { return txn.otp(id_at(noon, 7)).has_value(); },
      [&](Commit commit, bool found) {
        is_told = commit == Commit::durable;
        is_there = found;
      });
  world.insert(2);
  while (world.failed.size() < 2) REQUIRE(world.loop.step());
  CHECK(is_told);
  CHECK(is_there);
  CHECK_FALSE(world.store->status().is_writable);
  world.settle();  // one attempt to recover fails, the next one doesn't
  CHECK(world.loop.now() >= MonoTime{Seconds{2}});
  CHECK(world.store->status().is_writable);
  world.insert(3);
  world.settle();
  CHECK(world.durable == std::vector<std::uint32_t>{3});
  CHECK_FALSE(world.has(1));
  CHECK_FALSE(world.has(2));
  CHECK(world.disk.octets().find(as_text(id_at(noon, 3).octets)) != std::string::npos);
  CHECK(world.disk.octets().find(as_text(id_at(noon, 1).octets)) == std::string::npos);
}
