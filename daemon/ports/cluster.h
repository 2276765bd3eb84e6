#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ports/stored.h"

/// The gateways that share a store: who of them may do what only one may do at a time, what they tell each other, and
/// what another of them changed. Where nothing is shared it is `OnlyNode`.
namespace xion {

enum class LeaseState : std::uint8_t {
  waiting,  ///< Another's, or nobody's yet. Who held it until now lets go at once.
  held,
  recalled  ///< Held still, and wanted elsewhere: let go of it in order.
};

/// A wish for what only one node has at a time (a bind, a role), as long as it lives; its end gives back what is held.
/// Loop thread only.
class Lease {
 public:
  virtual ~Lease() = default;
  /// Looks at the clock: a node that could tell nobody that it lives holds nothing, before anybody tells it so.
  virtual LeaseState state() const = 0;
  /// Gives back what is held, and goes on wishing for it.
  virtual void let_go() = 0;
  bool is_held() const { return state() != LeaseState::waiting; }
};
/// Told in a turn of its own, and never while the lease is asked something.
using LeaseChanged = std::function<void(LeaseState)>;

/// Whoever holds it does what has to be done once for all nodes: what time does to requests, what is pruned, who is
/// told of routes.
inline constexpr std::string_view housekeeper_lease = "role:housekeeper";
/// One of the binds that a carrier allows an account, from 1; a transmitter and its receiver are one.
inline std::string bind_lease(std::string_view carrier, std::uint32_t number) {
  return std::string("bind:").append(carrier).append("/").append(std::to_string(number));
}

/// A carrier as a node tells others of it.
struct CarrierOfNode {
  std::string name;
  std::uint32_t binds = 0;  ///< Bound there; 0 where it takes no messages.
};
/// How much is asked for by an app's keys at a node.
struct DemandOfApp {
  AppId app = 0;
  double calls_per_second = 0;
};
/// What a node tells others of itself about once a second.
struct NodeReport {
  std::vector<CarrierOfNode> carriers;
  std::string version{};               ///< Of its xiond.
  std::string config_hash{};           ///< Of the configuration that it has in force.
  std::uint64_t queued = 0;            ///< Messages that wait for a carrier there.
  std::optional<Millis> clock_skew{};  ///< So far its clock is ahead of the database's; nothing: not known yet.
  std::vector<DemandOfApp> demands{};  ///< Of apps that called lately, in order of their ids.
  bool has_all_demands = true;         ///< Of others that called something may be asked, too.
  std::string key_check{};             ///< Of the master key that it works with.

  /// It takes messages for that carrier.
  bool has_bound(std::string_view carrier) const {
    return std::ranges::any_of(
        carriers, [&](const CarrierOfNode& of_node) { return of_node.name == carrier && of_node.binds > 0; });
  }
};
struct Peer {
  NodeId node = only_node;
  std::string name;
  NodeReport report;  ///< A second old, as a rule.
  bool has_bound(std::string_view carrier) const { return report.has_bound(carrier); }
};

/// How a node sees the cluster.
struct NodeView {
  NodeId node = only_node;
  std::string name;
  bool is_self = false;
  Millis silent_for{};  ///< Since it was heard last.
  NodeReport report;
};
struct LeaseView {
  std::string name;
  std::string holder{};     ///< The node's name; empty: nobody has it.
  std::uint64_t epoch = 0;  ///< So often it changed hands.
};
struct ClusterView {
  std::vector<NodeView> nodes;    ///< Those that live, this one first.
  std::vector<LeaseView> leases;  ///< Those that are somebody's, or that this node wishes for.
  bool may_hold = true;           ///< This node's word reaches the others: it holds what it has.
};

/// Names a thing that another node put or erased.
struct ThingName {
  ThingKind kind{};
  std::string key;
};

/// Lives longer than who asks it. Loop thread only.
class Cluster {
 public:
  virtual ~Cluster() = default;
  virtual NodeId self() const = 0;
  /// Whether there may be others at all.
  virtual bool is_shared() const { return true; }
  /// As others know this node; empty where there are none.
  virtual std::string name() const { return {}; }

  /// Once others can see this node; where there may be none, at once.
  virtual void when_seen(std::move_only_function<void()> then) { then(); }

  /// Wishes for a lease; it may be held at once. `changed` hears of what comes later.
  virtual std::unique_ptr<Lease> want(std::string name, LeaseChanged changed) = 0;
  /// The node is about to go: it is granted nothing more, and what it lets go of is others' at once.
  virtual void leave() = 0;
  /// Whether the node is to hold nothing: it wishes for nothing then, and what it holds is recalled.
  virtual void stand_aside(bool) {}

  /// Other nodes that live.
  virtual std::vector<Peer> peers() const = 0;
  /// Nodes that may still write, this one too: what waits at any other is nobody's.
  virtual std::vector<NodeId> unfenced() const { return {self()}; }
  /// Nothing where there are no others.
  virtual std::optional<ClusterView> view() const { return std::nullopt; }
  /// Whom others' `peers` ask for this node's report.
  virtual void report_by(std::function<NodeReport()> report) = 0;

  /// Hears of things that other nodes changed, after it is durable, within a second or two; each in a turn of its own.
  using ChangedElsewhere = std::function<void(std::span<const ThingName>)>;
  virtual void on_changed_elsewhere(ChangedElsewhere changed) = 0;
  /// The store found these to be changed by nobody here.
  virtual void tell_changed(std::span<const ThingName> things) = 0;

  /// Of all nodes that ask under one name within `quiet_for` one does it; `act` may be called before this returns.
  virtual void once(std::string name, Millis quiet_for, std::move_only_function<void()> act) = 0;

  /// Other nodes that live and have a bind to a carrier, and it takes messages there.
  virtual std::vector<NodeId> bound_at(std::string_view carrier) const {
    std::vector<NodeId> nodes;
    for (const Peer& peer : peers())
      if (peer.has_bound(carrier)) nodes.push_back(peer.node);
    return nodes;
  }
  bool is_bound_elsewhere(std::string_view carrier) const { return !bound_at(carrier).empty(); }
};

/// A node that shares its store with nobody: everything is its own, at once and for ever.
class OnlyNode final : public Cluster {
 public:
  NodeId self() const override { return only_node; }
  bool is_shared() const override { return false; }
  std::unique_ptr<Lease> want(std::string, LeaseChanged) override { return std::make_unique<Own>(); }
  void leave() override {}
  std::vector<Peer> peers() const override { return {}; }
  void report_by(std::function<NodeReport()>) override {}
  void on_changed_elsewhere(ChangedElsewhere changed) override { changed_ = std::move(changed); }
  void once(std::string, Millis, std::move_only_function<void()> act) override { act(); }
  void tell_changed(std::span<const ThingName> things) override { changed_(things); }

 private:
  class Own final : public Lease {
   public:
    LeaseState state() const override { return LeaseState::held; }
    void let_go() override {}
  };
  ChangedElsewhere changed_ = [](std::span<const ThingName>) {};
};

}  // namespace xion
