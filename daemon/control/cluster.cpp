#include <algorithm>

#include "app/node_drains.h"
#include "control/verb.h"

namespace xion::control {
namespace {

constexpr std::string_view alone = "this xiond shares its store with nobody: [store] engine is lmdb";

void refuse_alone(const Command& command) { command.refuse(std::string(alone), "see THE CLUSTER in xiond(8)"); }

void write_node(JsonWriter& json, const NodeView& node, const Services& services, const std::string& own_config,
                const ClusterView& view) {
  std::vector<std::string_view> leases;
  for (const LeaseView& lease : view.leases)
    if (lease.holder == node.name) leases.push_back(lease.name);
  json.begin_object()
      .field("node", node.name)
      .field("number", std::uint32_t{node.node})
      .field("self", node.is_self)
      .field("heardMsAgo", node.silent_for.count())
      .field("version", node.report.version);
  if (node.report.clock_skew) json.field("clockAheadMs", node.report.clock_skew->count());
  json.field("configHash", node.report.config_hash)
      .field("configDiffers", node.report.config_hash != own_config)
      .field("drained", services.node_drains.of(node.name) != nullptr)
      .field("queued", node.report.queued)
      .key("carriers")
      .begin_array();
  for (const CarrierOfNode& carrier : node.report.carriers)
    json.begin_object().field("name", carrier.name).field("binds", carrier.binds).end_object();
  json.end_array().key("leases").begin_array();
  for (const std::string_view lease : leases) json.value(lease);
  json.end_array().end_object();
}

void cluster_status(Command command) {
  const auto view = command.services.cluster.view();
  if (!view) return refuse_alone(command);
  std::string own_config;
  for (const NodeView& node : view->nodes)
    if (node.is_self) own_config = node.report.config_hash;
  JsonWriter json;
  json.begin_object().field("holds", view->may_hold).key("nodes").begin_array();
  for (const NodeView& node : view->nodes) write_node(json, node, command.services, own_config, *view);
  json.end_array().end_object();
  command.done(std::move(json).str());
}

void cluster_leases(Command command) {
  const auto view = command.services.cluster.view();
  if (!view) return refuse_alone(command);
  JsonWriter json;
  json.begin_array();
  for (const LeaseView& lease : view->leases)
    json.begin_object().field("lease", lease.name).field("node", lease.holder).field("epoch", lease.epoch).end_object();
  json.end_array();
  command.done(std::move(json).str());
}

/// Whether another node lives that may have what this one gives back.
bool is_another_there(const Services& services, std::string_view node) {
  const auto view = services.cluster.view();
  return std::ranges::any_of(view->nodes, [&](const NodeView& each) {
    return each.name != node && services.node_drains.of(each.name) == nullptr;
  });
}

void tell_drain(const Command& command, const std::string& node) {
  const NodeDrain* drain = command.services.node_drains.of(node);
  JsonWriter json;
  json.begin_object().field("node", node).field("drained", drain != nullptr);
  if (drain != nullptr) json.field("since", rfc3339(drain->since)).field("by", drain->by);
  if (drain != nullptr && !is_another_there(command.services, node))
    json.field("warning", "no other node lives that may have its binds: messages wait");
  json.end_object();
  command.done(std::move(json).str());
}

void cluster_drain(Command command) {
  if (!command.services.cluster.is_shared()) return refuse_alone(command);
  const std::string node = command.required("node");
  auto done = [command, node](std::expected<void, Refusal> changed) {
    if (!changed) return command.refuse(changed.error());
    tell_drain(command, node);
  };
  NodeDrains& drains = command.services.node_drains;
  if (command.request.flag("undo")) return drains.undo(node, std::move(done));
  drains.drain({.node = node, .since = command.services.loop.wall_now(), .by = describe(command.who)}, std::move(done));
}

void cluster_forget(Command command) {
  if (!command.services.cluster.is_shared()) return refuse_alone(command);
  const std::string node = command.required("node");
  command.services.node_drains.forget(node, [command, node](std::expected<NodeId, Refusal> forgotten) {
    if (!forgotten) return command.refuse(forgotten.error());
    JsonWriter json;
    json.begin_object().field("node", node).field("number", std::uint32_t{*forgotten}).end_object();
    command.done(std::move(json).str());
  });
}

}  // namespace

Verbs cluster_verbs() {
  static constexpr Verb verbs[] = {{"cluster status", cluster_status},
                                   {"cluster leases", cluster_leases},
                                   {"cluster drain", cluster_drain},
                                   {"cluster forget", cluster_forget}};
  static_assert(is_every_verb_of("cluster", verbs));
  return verbs;
}

}  // namespace xion::control
