#pragma once
#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "shared/shared_engine.h"
#include "sim/shared_database.h"
#include "sim/virtual_loop.h"

namespace xion {

/// What a task tells that is kept within `patience`.
template <typename Ask>
auto answer_of(SharedEngine& engine, sim::VirtualLoop& loop, Ask question, Millis patience) {
  std::optional<std::invoke_result_t<Ask&, Txn&>> told;
  run_task(engine, question, [&](Commit commit, auto& result) {
    REQUIRE(commit == Commit::durable);
    told = result;
  });
  loop.run(patience);
  REQUIRE(told.has_value());
  return std::move(*told);
}

/// Nodes on one database, in one time.
struct Nodes {
  sim::Agenda agenda;
  sim::VirtualLoop loop{agenda, sim::Agenda::world, {}};
  sim::SharedDatabase database;
  struct Node {
    std::unique_ptr<sim::SimulatedRows> rows;
    std::unique_ptr<SharedEngine> engine;
  };
  std::vector<Node> nodes;
  std::size_t durable = 0, failed = 0;

  SharedEngine& add(NodeId node, sim::DatabaseHabits habits = {}, SharedEngine::Settings settings = {}) {
    settings.node = node;
    Node& fresh = nodes.emplace_back();
    fresh.rows = std::make_unique<sim::SimulatedRows>(loop, database, sim::Seeded(nodes.size()), habits);
    fresh.engine = std::make_unique<SharedEngine>(loop, *fresh.rows, settings);
    fresh.engine->open();
    loop.run(Millis{100});
    return *fresh.engine;
  }
  /// `apply` by that node, with all others that were asked for meanwhile.
  template <typename Apply>
  void ask(SharedEngine& engine, Apply apply) {
    run_task(
        engine, [apply](Txn& txn) { return apply(txn), true; },
        [this](Commit commit, bool) { ++(commit == Commit::durable ? durable : failed); });
  }
  template <typename Ask>
  auto tell(SharedEngine& engine, Ask question) {
    return answer_of(engine, loop, question, Seconds{60});
  }
};

}  // namespace xion
