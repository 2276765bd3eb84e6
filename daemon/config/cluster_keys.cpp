#include "config/forms.h"
#include "config/schema.h"

namespace xion::config {
namespace {

using enum Takes;

bool is_node_name_or_none(std::string_view text) { return text.empty() || is_node_name(text); }
constexpr Form node_form{"at most 64 letters, digits, dots, - and _", is_node_name_or_none};

}  // namespace

const Keys<ClusterSettings>& cluster_keys() {
  static const Keys<ClusterSettings> keys{
      {"node", text(&ClusterSettings::node, node_form),
       "This node's name among those that share the database; empty: $XIONID_NODE, or what the host is called.",
       next_start},
      {"lease_seconds", seconds(&ClusterSettings::lease, 3, 60),
       "Silence after which a node is taken for dead, and what it held is others'.", next_start},
      {"rebalance_seconds", seconds(&ClusterSettings::rebalance, 1, 86'400),
       "So long no node came or went before binds are shared out anew.", next_start},
  };
  return keys;
}

}  // namespace xion::config
