// A month's volume that several nodes charge.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine_nodes.h"
#include "shared/row_keys.h"

namespace xion {
namespace {

constexpr AppId volume_app = 1;

}  // namespace

TEST_CASE("a month's volume is exact over nodes that charge at once") {
  Nodes nodes;
  SharedEngine &a = nodes.add(0, {}, {.tasks_of_batch = 3}), &b = nodes.add(1, {}, {.tasks_of_batch = 3});
  const Month month = month_of(nodes.loop.wall_now());
  std::size_t taken = 0;
  for (int n = 0; n < 40; ++n) {
    for (SharedEngine* engine : {&a, &b})
      run_task(
          *engine, [month](Txn& txn) { return txn.take_quota(volume_app, month, 50); },
          [&](Commit commit, bool is_taken) {
            REQUIRE(commit == Commit::durable);
            taken += is_taken;
          });
  }
  nodes.loop.run(Seconds{60});
  CHECK(taken == 50);
  CHECK(nodes.tell(a, [month](Txn& txn) { return txn.quota(volume_app, month, 50).used; }) == 50);
  CHECK(nodes.tell(b, [month](Txn& txn) {
    return txn.counters(volume_app, month)[static_cast<std::size_t>(Counter::sends)];
  }) == 50);
}

TEST_CASE("nodes that charge one month's volume at once rarely meet, and leave nothing of it") {
  Nodes nodes;
  constexpr std::uint64_t volume = 20'000;
  const sim::DatabaseHabits calm{.latency_min = Millis{1}, .latency_max = Millis{3}};
  SharedEngine &a = nodes.add(0, calm, {.name = "a"}), &b = nodes.add(1, calm, {.name = "b"});
  const Month month = month_of(nodes.loop.wall_now());
  std::uint64_t taken = 0;
  const auto charge = [&](SharedEngine& engine, std::uint64_t of, int times) {
    for (int n = 0; n < times; ++n)
      run_task(
          engine, [month, of](Txn& txn) { return txn.take_quota(volume_app, month, of); },
          [&](Commit commit, bool is_taken) {
            REQUIRE(commit == Commit::durable);
            taken += is_taken;
          });
  };
  for (int round = 0; round < 90; ++round) {
    charge(a, volume, 100);
    nodes.loop.run(Millis{60});
    charge(b, volume, 50);
    nodes.loop.run(Millis{60});
  }
  nodes.loop.run(Seconds{10});
  CHECK(taken == 13'500);
  CHECK(a.counts().conflicts + b.counts().conflicts <= 2);

  // A month that holds less by now, or more, or has no end for a while.
  charge(a, 13'700, 150);
  charge(b, 13'700, 150);
  nodes.loop.run(Seconds{20});
  CHECK(taken == 13'700);
  CHECK_FALSE(nodes.tell(a, [month](Txn& txn) { return txn.quota(volume_app, month, 13'700).has_room; }));
  charge(b, 0, 40);
  nodes.loop.run(Seconds{20});
  CHECK(taken == 13'740);
  charge(a, 14'000, 300);
  charge(b, 14'000, 10);
  nodes.loop.run(Seconds{20});
  CHECK(taken == 14'000);
  CHECK(nodes.tell(b, [month](Txn& txn) { return txn.quota(volume_app, month, 14'000).used; }) == 14'000);
}

TEST_CASE("each threshold of a month is told once, by whichever node sees it first") {
  Nodes nodes;
  SharedEngine &a = nodes.add(0, {}, {.tasks_of_batch = 3}), &b = nodes.add(1, {}, {.tasks_of_batch = 3});
  const Month month = month_of(nodes.loop.wall_now());
  std::vector<std::uint32_t> told;
  for (int n = 0; n < 60; ++n)
    for (SharedEngine* engine : {&a, &b})
      run_task(
          *engine,
          [month](Txn& txn) {
            txn.take_quota(volume_app, month, 100);
            return txn.newly_reached(volume_app, month, 100);
          },
          [&](Commit commit, const std::optional<std::uint32_t>& percent) {
            REQUIRE(commit == Commit::durable);
            if (percent) told.push_back(*percent);
          });
  nodes.loop.run(Seconds{60});
  std::ranges::sort(told);
  CHECK(told == std::vector<std::uint32_t>{80, 90, 100});
}

TEST_CASE("a message of the old month that is late tells no threshold again, in either month") {
  Nodes nodes;
  SharedEngine &a = nodes.add(0), &b = nodes.add(1);
  const Month old = month_of(nodes.loop.wall_now()), fresh = old + std::chrono::months{1};
  std::vector<std::uint32_t> told;
  const auto charge = [&](SharedEngine& engine, Month month, int times) {
    for (int n = 0; n < times; ++n)
      if (const auto percent = nodes.tell(engine, [month](Txn& txn) {
            txn.take_quota(volume_app, month, 10);
            return txn.newly_reached(volume_app, month, 10);
          }))
        told.push_back(*percent);
  };
  charge(a, old, 8);
  charge(b, fresh, 9);
  charge(a, old, 1);  // A call that had come before midnight.
  charge(b, fresh, 1);
  charge(a, old, 2);
  charge(b, fresh, 1);
  CHECK(told == std::vector<std::uint32_t>{80, 80, 90, 90, 100, 100});
}

TEST_CASE("what a month's volume was granted to goes with the month after the next one") {
  Nodes nodes;
  SharedEngine &a = nodes.add(0), &b = nodes.add(1);
  const Month first = month_of(nodes.loop.wall_now());
  const auto charge = [&](SharedEngine& engine, int months) {
    const Month month = first + std::chrono::months{months};
    CHECK(nodes.tell(engine, [month](Txn& txn) { return txn.take_quota(volume_app, month, 10); }));
  };
  const auto rows = [&](int months) {
    RowWants wants;
    wants.ranges = {{row_keys::volume(volume_app, first + std::chrono::months{months}), 100}};
    return nodes.database.fetch(wants).ranges.at(0).size();
  };
  charge(a, 0);
  charge(b, 0);
  charge(b, 1);
  CHECK(rows(0) == 3);
  charge(a, 2);
  CHECK(rows(0) == 0);
  CHECK(rows(1) == 2);
  charge(b, 2);
  CHECK(rows(2) == 3);
}

}  // namespace xion
