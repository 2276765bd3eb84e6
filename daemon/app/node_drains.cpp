#include "app/node_drains.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "base/plural.h"
#include "base/suggest.h"
#include "domain/txn.h"

namespace xion {
namespace {

Refusal not_kept() { return {"the store could not keep it; nothing was changed", "see `xionctl status`"}; }

Refusal unknown_node(std::string_view name, const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto meant = closest(name, views);
  return {fmt::format("there is no node {}; there are {}", name, fmt::join(names, ", ")),
          meant ? fmt::format("did you mean {}?", *meant) : "`xionctl cluster status` shows those that live"};
}

Refusal still_has(std::string_view name, const ForgottenNode& node) {
  const auto some = [](std::size_t count, std::string_view what) {
    return fmt::format("{}{}", count == forget_looks_at ? "at least " : "", counted(count, what));
  };
  return {fmt::format("{} and {} for webhooks of the node {} wait to be inherited", some(node.messages, "message"),
                      some(node.deliveries, "event"), name),
          "the housekeeper takes them over as soon as there is one: `xionctl cluster leases` shows who it is"};
}

/// What a change in the store came to, and what is drained afterwards.
struct ChangedDrains {
  std::vector<std::string> names;
  std::vector<NodeDrain> drains;
};

}  // namespace

NodeDrains::NodeDrains(const Ports& ports) : ports_(ports) { ports_.cluster.stand_aside(true); }

void NodeDrains::load(std::move_only_function<void(bool)> done) {
  run_task(
      ports_.store, [](Txn& txn) { return txn.node_drains(); },
      [this, done = std::move(done)](Commit commit, auto& kept) mutable {
        if (commit == Commit::durable) take(std::move(kept));
        done(commit == Commit::durable);
      });
}

void NodeDrains::take(std::vector<NodeDrain> kept) {
  const std::string self = ports_.cluster.name();
  const bool was_drained = of(self) != nullptr;
  drains_ = std::move(kept);
  const NodeDrain* drain = of(self);
  if (drain != nullptr && !was_drained) log::info("cluster.node.drained", "node={} by=\"{}\"", self, drain->by);
  if (drain == nullptr && was_drained) log::info("cluster.node.undrained", "node={}", self);
  ports_.cluster.stand_aside(drain != nullptr);
}

void NodeDrains::drain(NodeDrain wanted, Done<void> done) {
  run_task(
      ports_.store,
      [wanted](Txn& txn) {
        ChangedDrains changed{txn.node_names(), {}};
        if (std::ranges::find(changed.names, wanted.node) != changed.names.end()) txn.put(wanted);
        changed.drains = txn.node_drains();
        return changed;
      },
      [this, node = wanted.node, done = std::move(done)](Commit commit, ChangedDrains& changed) mutable {
        if (commit != Commit::durable) return done(std::unexpected(not_kept()));
        take(std::move(changed.drains));
        if (of(node) == nullptr) return done(std::unexpected(unknown_node(node, changed.names)));
        done({});
      });
}

void NodeDrains::undo(std::string node, Done<void> done) {
  run_task(
      ports_.store,
      [node](Txn& txn) {
        txn.remove_node_drain(node);
        return ChangedDrains{txn.node_names(), txn.node_drains()};
      },
      [this, node, done = std::move(done)](Commit commit, ChangedDrains& changed) mutable {
        if (commit != Commit::durable) return done(std::unexpected(not_kept()));
        take(std::move(changed.drains));
        if (std::ranges::find(changed.names, node) == changed.names.end())
          return done(std::unexpected(unknown_node(node, changed.names)));
        done({});
      });
}

void NodeDrains::forget(std::string node, Done<NodeId> done) {
  struct Found {
    ForgottenNode node;
    ChangedDrains after;
  };
  run_task(
      ports_.store,
      [node](Txn& txn) {
        Found found{txn.forget_node(node), {}};
        found.after = {txn.node_names(), txn.node_drains()};
        return found;
      },
      [this, node, done = std::move(done)](Commit commit, Found& found) mutable {
        if (commit != Commit::durable) return done(std::unexpected(not_kept()));
        take(std::move(found.after.drains));
        switch (found.node.outcome) {
          case ForgottenNode::Outcome::forgotten: return done(found.node.number);
          case ForgottenNode::Outcome::unknown: return done(std::unexpected(unknown_node(node, found.after.names)));
          case ForgottenNode::Outcome::lives:
            return done(std::unexpected(Refusal{fmt::format("the node {} lives", node), "stop it first"}));
          case ForgottenNode::Outcome::has_left: return done(std::unexpected(still_has(node, found.node)));
        }
      });
}

const NodeDrain* NodeDrains::of(std::string_view node) const {
  const auto found = std::ranges::find(drains_, node, &NodeDrain::node);
  return found == drains_.end() ? nullptr : &*found;
}

}  // namespace xion
