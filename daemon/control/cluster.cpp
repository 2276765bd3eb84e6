#include "control/verb.h"

namespace xion::control {
namespace {

constexpr std::string_view alone = "this xiond shares its store with nobody: [store] engine is lmdb";

void write_node(JsonWriter& json, const NodeView& node, const std::string& own_config, const ClusterView& view) {
  std::vector<std::string_view> leases;
  for (const LeaseView& lease : view.leases)
    if (lease.holder == node.name) leases.push_back(lease.name);
  json.begin_object()
      .field("node", node.name)
      .field("number", std::uint32_t{node.node})
      .field("self", node.is_self)
      .field("heardMsAgo", node.silent_for.count())
      .field("version", node.report.version)
      .field("configHash", node.report.config_hash)
      .field("configDiffers", node.report.config_hash != own_config)
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
  if (!view) return command.refuse(std::string(alone), "see THE CLUSTER in xiond(8)");
  std::string own_config;
  for (const NodeView& node : view->nodes)
    if (node.is_self) own_config = node.report.config_hash;
  JsonWriter json;
  json.begin_object().field("holds", view->may_hold).key("nodes").begin_array();
  for (const NodeView& node : view->nodes) write_node(json, node, own_config, *view);
  json.end_array().end_object();
  command.done(std::move(json).str());
}

void cluster_leases(Command command) {
  const auto view = command.services.cluster.view();
  if (!view) return command.refuse(std::string(alone), "see THE CLUSTER in xiond(8)");
  JsonWriter json;
  json.begin_array();
  for (const LeaseView& lease : view->leases)
    json.begin_object().field("lease", lease.name).field("node", lease.holder).field("epoch", lease.epoch).end_object();
  json.end_array();
  command.done(std::move(json).str());
}

}  // namespace

Verbs cluster_verbs() {
  static constexpr Verb verbs[] = {{"cluster status", cluster_status}, {"cluster leases", cluster_leases}};
  static_assert(is_every_verb_of("cluster", verbs));
  return verbs;
}

}  // namespace xion::control
